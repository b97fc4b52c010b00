import type { Terminal } from "@xterm/xterm";
import type { EmbedParameters } from "../parameters.js";

const PROMPT = /[#$>] $/;

/** Types the lines once the shell shows its prompt; what is typed before would stand there twice. Resolves when all are typed. */
export function typeLines(terminal: Terminal, lines: EmbedParameters["lines"]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const listener = terminal.onWriteParsed(() => {
      const { active } = terminal.buffer;
      const text = active.getLine(active.baseY + active.cursorY)?.translateToString(false, 0, active.cursorX) ?? "";
      if (!PROMPT.test(text)) return;
      listener.dispose();
      for (const { text: line, run } of lines) terminal.input(run ? `${line}\r` : line);
      resolve();
    });
  });
}
