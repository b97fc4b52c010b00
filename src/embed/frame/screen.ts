import type { IBuffer, IBufferCell, IModes, Terminal } from "@xterm/xterm";

/** What a terminal shows, and what is above it: written to an empty one of that size, `text` makes it the same. */
export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly text: string;
}

/** With what was written to it until now: colours, attributes, cursor and modes, as far as xterm.js tells them. */
export async function readScreen(terminal: Terminal): Promise<Screen> {
  await new Promise<void>((parsed) => terminal.write("", parsed));
  const { cols, rows, buffer, modes } = terminal;
  const { normal, alternate, active } = buffer;
  // DECSET 1049: the alternate screen, empty. Both are written without the modes that change what writing does.
  const over = active === alternate ? `\x1b[?1049h${contentOf(alternate, cols)}` : "";
  return { columns: cols, rows, text: contentOf(normal, cols) + over + modesOf(modes) };
}

/** Shows it in a terminal of whatever size. */
export function showScreen(terminal: Terminal, { columns, rows, text }: Screen): Promise<void> {
  const { cols: ownColumns, rows: ownRows } = terminal;
  terminal.reset();
  terminal.resize(columns, rows);
  return new Promise((resolve) => {
    terminal.write(text, () => {
      terminal.resize(ownColumns, ownRows);
      resolve();
    });
  });
}

function contentOf(buffer: IBuffer, columns: number): string {
  let text = "";
  let style = "";
  for (let row = 0; row < buffer.length; row++) {
    const line = buffer.getLine(row)!;
    const goesOn = buffer.getLine(row + 1)?.isWrapped ?? false;
    let blanks = "";
    for (let column = 0; column < columns; column++) {
      const cell = line.getCell(column);
      if (!cell || cell.getWidth() === 0) continue; // The second half of a wide character.
      const wanted = styleOf(cell);
      if (cell.getChars() === "" && wanted === "" && !goesOn) {
        blanks += " ";
        continue;
      }
      // What is blank to the end of a line was never written.
      if (blanks !== "" && style !== "") text += "\x1b[m";
      if (blanks !== "") [text, style, blanks] = [text + blanks, "", ""];
      if (wanted !== style) text += `\x1b[0${wanted}m`;
      style = wanted;
      text += cell.getChars() || " ";
    }
    if (!goesOn && row + 1 < buffer.length) text += "\r\n";
  }
  return `${text}\x1b[m\x1b[${buffer.cursorY + 1};${buffer.cursorX + 1}H`;
}

/** Parameters of SGR after 0. */
function styleOf(cell: IBufferCell): string {
  const attributes = [
    cell.isBold() && 1,
    cell.isDim() && 2,
    cell.isItalic() && 3,
    cell.isUnderline() && 4,
    cell.isBlink() && 5,
    cell.isInverse() && 7,
    cell.isInvisible() && 8,
    cell.isStrikethrough() && 9,
  ].filter(Boolean);
  const foreground = colorOf(38, cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
  const background = colorOf(48, cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
  return [...attributes, ...foreground, ...background].map((parameter) => `;${parameter}`).join("");
}

function colorOf(ground: 38 | 48, isRgb: boolean, isPalette: boolean, color: number): number[] {
  if (isRgb) return [ground, 2, color >> 16, (color >> 8) & 0xff, color & 0xff];
  return isPalette ? [ground, 5, color] : [];
}

const MOUSE = { none: "", x10: "9", vt200: "1000", drag: "1002", any: "1003" } as const;

function modesOf(modes: IModes): string {
  const mouse = MOUSE[modes.mouseTrackingMode];
  return [
    modes.applicationCursorKeysMode && "\x1b[?1h",
    modes.applicationKeypadMode && "\x1b=",
    modes.bracketedPasteMode && "\x1b[?2004h",
    modes.insertMode && "\x1b[4h",
    modes.sendFocusMode && "\x1b[?1004h",
    // How reports are written xterm.js does not tell: programs of today ask for SGR.
    mouse !== "" && `\x1b[?${mouse}h\x1b[?1006h`,
    !modes.wraparoundMode && "\x1b[?7l",
  ]
    .filter(Boolean)
    .join("");
}
