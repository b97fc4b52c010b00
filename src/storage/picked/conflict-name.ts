import { encodedLength } from "../../posix/name.js";
import { spell } from "../spelling.js";
import { LONGEST, chromiumRefuses } from "./chromium-name.js";

/** Why there is another version of a file beside it: it changed outside, or it was left by a tab that was closed. */
export type Beside = "conflict" | "recovered";

/** The name beside `name` for the guest's version of a file: NAME.conflict-2026-11-22-160102. */
export function nameBeside(name: string, why: Beside, when: Date, count: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const date = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  const time = `${two(when.getHours())}${two(when.getMinutes())}${two(when.getSeconds())}`;
  const suffix = `.${why}-${date}-${time}${count === 1 ? "" : `-${count}`}`;
  const characters = [...name];
  const isTooLong = (): boolean => encodedLength(spell(characters.join("") + suffix, chromiumRefuses)) > LONGEST;
  while (isTooLong()) characters.pop();
  return characters.join("") + suffix;
}
