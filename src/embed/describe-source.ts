import type { ShareOptions } from "../client/types.js";
import type { EmbedSource } from "./embedded-machine.js";
import type { FrameSource } from "./protocol.js";

const nothing = (): Promise<void> => Promise.resolve();

/** What can be posted to the frame for `source`, and what ends serving it. */
export async function describeSource(
  source: EmbedSource,
  options: ShareOptions,
): Promise<{ description: FrameSource; end: () => Promise<void> }> {
  if ("opfs" in source) return { description: { opfs: source.opfs }, end: nothing };
  if ("files" in source) {
    const { files } = source;
    const plain =
      files instanceof FileList
        ? Object.fromEntries(Array.from(files, (file) => [file.webkitRelativePath || file.name, file]))
        : { ...files };
    return { description: { files: plain }, end: nothing };
  }
  const { serveFolder } = await import("./serve-folder.js");
  const { port1, port2 } = new MessageChannel();
  const end = await serveFolder(source, port1, (options.access ?? "read-write") !== "read-write");
  return { description: { port: port2, name: source.name }, end };
}
