import type { ILink, Terminal } from "@xterm/xterm";

const ADDRESS = /https?:\/\/[^\s"'<>\\^`{|}]*[^\s"'<>\\^`{|}.,:;!?)\]]/g;

/** Links of the terminal, those that a program marks (OSC 8) and those that stand there, open in a new tab without a way back. */
export function followLinks(terminal: Terminal): void {
  terminal.options.linkHandler = { activate: (_, address) => open(address), allowNonHttpProtocols: false };
  terminal.registerLinkProvider({
    provideLinks(row, callback) {
      const text = terminal.buffer.active.getLine(row - 1)?.translateToString(true) ?? "";
      callback(
        Array.from(text.matchAll(ADDRESS), ({ 0: address, index }): ILink => ({
          text: address,
          range: { start: { x: index + 1, y: row }, end: { x: index + address.length, y: row } },
          activate: () => open(address),
        })),
      );
    },
  });
}

/** What Linux says is not trusted: nothing but the web, and not this page's window. */
function open(address: string): void {
  if (!URL.canParse(address)) return;
  const { protocol, href } = new URL(address);
  if (protocol === "https:" || protocol === "http:") window.open(href, "_blank", "noopener,noreferrer");
}
