const ESC = "\x1b";

export type Key = "Escape" | "Tab" | "ArrowLeft" | "ArrowUp" | "ArrowDown" | "ArrowRight";

const FINAL_BYTE = { ArrowUp: "A", ArrowDown: "B", ArrowRight: "C", ArrowLeft: "D" } as const;

/** What a key sends, as xterm's "PC-Style Function Keys" say: arrows depend on DECCKM and carry Ctrl as modifier 5. */
export function keySequence(
  key: Key,
  options: { readonly applicationCursorKeys: boolean; readonly ctrl: boolean },
): string {
  if (key === "Escape") return ESC;
  if (key === "Tab") return "\t";
  if (options.ctrl) return `${ESC}[1;5${FINAL_BYTE[key]}`;
  return `${ESC}${options.applicationCursorKeys ? "O" : "["}${FINAL_BYTE[key]}`;
}

/** What Ctrl with that character sends: the C0 code of "@" to "_" and the letters, NUL for space, DEL for "?"; others stay. */
export function controlCharacter(character: string): string {
  if (character === " ") return "\0";
  if (character === "?") return "\x7f";
  if (!/^[@-_a-z]$/.test(character)) return character;
  return String.fromCharCode(character.charCodeAt(0) & 0x1f);
}
