import { MachineError } from "./machine-error.js";

/** virtio 1.3 §5.11.4: the tag's field in the device's configuration. */
const TAG_BYTES = 36;
/** Would be a wrong path, a wrong sysfs name or an unreadable list. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const ILLEGAL = /[/\u0000-\u001f\u007f]/gu;

/** `tag` itself, if it is one; else an error that says what is wrong with it. */
export function checkTag(tag: string, taken: ReadonlySet<string>): string {
  const bytes = new TextEncoder().encode(tag).length;
  if (tag === "" || tag === "." || tag === "..") throw new MachineError("bad-tag", `“${tag}” cannot be a share's tag.`);
  if (bytes > TAG_BYTES) {
    throw new MachineError("bad-tag", `The tag “${tag}” has ${bytes} bytes; virtio-fs takes at most ${TAG_BYTES}.`);
  }
  if (tag.search(ILLEGAL) >= 0) {
    throw new MachineError("bad-tag", `The tag “${tag}” has a “/” or a control character in it.`);
  }
  if (taken.has(tag)) throw new MachineError("bad-tag", `The tag “${tag}” is taken by another share.`);
  return tag;
}

/** A tag made from a folder's name: legal, and not taken. */
export function makeTag(name: string, taken: ReadonlySet<string>): string {
  const legal = name.replace(ILLEGAL, "-").trim();
  const base = legal === "" || legal === "." || legal === ".." ? "share" : legal;
  for (let count = 1; ; count++) {
    const suffix = count === 1 ? "" : `-${count}`;
    const tag = shorten(base, TAG_BYTES - suffix.length) + suffix;
    if (!taken.has(tag)) return tag;
  }
}

/** Cuts whole characters off until at most `bytes` of UTF-8 are left. */
function shorten(text: string, bytes: number): string {
  const characters = [...text];
  while (new TextEncoder().encode(characters.join("")).length > bytes) characters.pop();
  return characters.join("");
}
