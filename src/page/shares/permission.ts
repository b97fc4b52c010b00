import type { Access } from "../../client/index.js";

/**
 * Asks the visitor, through the browser, to let this page use the folder or file. Call it in a click or drop: browsers ask only then, and
 * throw a SecurityError otherwise. "granted" where browsers never ask: Firefox, Safari, the origin private file system.
 */
export async function requestPermission(handle: FileSystemHandle, access: Access): Promise<PermissionState> {
  const mode = modeOf(access);
  if ((await permissionState(handle, access)) === "granted" || !handle.requestPermission) return "granted";
  return await handle.requestPermission({ mode });
}

export async function permissionState(handle: FileSystemHandle, access: Access): Promise<PermissionState> {
  return (await handle.queryPermission?.({ mode: modeOf(access) })) ?? "granted";
}

/** What the page's controls call an access. */
export function accessOf(value: FormDataEntryValue | null): Access {
  return value === "read-write" || value === "copy-on-write" ? value : "read-only";
}

export function modeOf(access: Access): "read" | "readwrite" {
  return access === "read-write" ? "readwrite" : "read";
}
