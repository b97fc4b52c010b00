import type { ShareState } from "../client/index.js";

const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** "1 byte", "999 bytes", "1.2 kB", "34 MB": decimal units, at most three digits. */
export function bytesInWords(bytes: number): string {
  let amount = bytes;
  let unit = 0;
  while (amount >= 999.5 && unit < UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  if (unit === 0) return `${bytes} ${bytes === 1 ? "byte" : "bytes"}`;
  return `${amount < 9.95 ? amount.toFixed(1) : Math.round(amount)} ${UNITS[unit]}`;
}

/** "12 kB in 3 files are not saved yet"; empty when everything is saved. */
export function unsavedInWords(unsaved: { readonly unsavedBytes: number; readonly unsavedFiles: number }): string {
  const { unsavedBytes: bytes, unsavedFiles: files } = unsaved;
  if (bytes === 0 && files === 0) return "";
  if (files <= 1) return `${bytesInWords(bytes)} not saved yet`;
  return `${bytesInWords(bytes)} in ${files} files not saved yet`;
}

const STATES = { saved: "saved", saving: "saving", "needs-permission": "needs permission", gone: "gone" } as const;

/** "saved", "saving 3 files (1.2 MB)", "gone: 1 file (3 bytes) not saved"; empty for what nobody can write. */
export function savingInWords({ status, unsavedFiles: files, unsavedBytes: bytes, access }: ShareState): string {
  const state = STATES[status];
  if (files === 0) return access === "read-only" && status === "saved" ? "" : state;
  const amount = `${files} ${files === 1 ? "file" : "files"} (${bytesInWords(bytes)})`;
  return status === "saving" ? `saving ${amount}` : `${state}: ${amount} not saved`;
}
