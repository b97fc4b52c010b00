const unsaved = new Set<object>();

/** Makes the browser ask before this page is closed while anything that it serves has bytes that no folder has yet. */
export function warnOfUnsaved(of: object, isUnsaved: boolean): void {
  if (isUnsaved) unsaved.add(of);
  else unsaved.delete(of);
  // Only while there is something to lose: a listener keeps the page out of the back/forward cache.
  if (unsaved.size > 0) addEventListener("beforeunload", warn);
  else removeEventListener("beforeunload", warn);
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
