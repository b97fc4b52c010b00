import type { ILink, ILinkHandler, ILinkProvider, Terminal } from "@xterm/xterm";

/** Addresses in a line of text; punctuation at the end belongs to the sentence around it. */
const ADDRESS = /https?:\/\/[^\s"'<>`]*[^\s"'<>`.,:;!?)\]}]/g;

/** Addresses that programs print, and links that they mark (OSC 8), open in a new tab: http and https, nothing else. */
export function openLinks(terminal: Terminal): void {
  terminal.options.linkHandler = HANDLER;
  terminal.registerLinkProvider(new Addresses(terminal));
}

const activate = (_: MouseEvent, address: string): void => open(address);
const HANDLER: ILinkHandler = { activate, allowNonHttpProtocols: false };

class Addresses implements ILinkProvider {
  constructor(private readonly terminal: Terminal) {}

  provideLinks(row: number, give: (links: ILink[] | undefined) => void): void {
    const text = this.terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? "";
    const found = [...text.matchAll(ADDRESS)];
    give(
      found.map(({ index, 0: address }) => ({
        text: address,
        // Columns count from 1, the last one included.
        range: { start: { x: index + 1, y: row }, end: { x: index + address.length, y: row } },
        activate,
      })),
    );
  }
}

function open(address: string): void {
  const { protocol } = new URL(address);
  if (protocol === "https:" || protocol === "http:") window.open(address, "_blank", "noopener,noreferrer");
}
