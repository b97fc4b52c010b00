interface SavePicker {
  showSaveFilePicker?(options: { suggestedName: string }): Promise<FileSystemFileHandle>;
}

/** Lets the visitor choose a file, where the browser does, and writes the stream into it; else as a download. Call it in a click. */
export async function saveStream(name: string, begin: () => ReadableStream<Uint8Array>): Promise<void> {
  const handle = await (window as SavePicker).showSaveFilePicker?.({ suggestedName: name });
  if (handle !== undefined) return begin().pipeTo(await handle.createWritable());
  const blob = await new Response(begin() as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The download has begun, or begins in this task, in every browser.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
