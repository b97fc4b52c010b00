/** The Web Lock that whoever writes to the folder holds. */
export function folderLock(id: string): string {
  return `v86-virtiofs:folder:${id}`;
}

/** What the folder's attribute records are kept under. */
export function folderRecords(id: string): string {
  return `folder-${id}`;
}
