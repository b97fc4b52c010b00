import { expect, it } from "vitest";
import { ConsoleConnection } from "./console.js";
import type { Process } from "./types.js";

/** Shells that say their number, answer each input with it, and end at "exit". */
function shells(): { readonly console: ConsoleConnection; started(): number } {
  let last = 0;
  const spawn = (): Promise<Process> => {
    const number = ++last;
    const said = new TransformStream<string, Uint8Array>({
      start: (controller) => controller.enqueue(encode(`shell ${number}`)),
      transform: (text, controller) => controller.enqueue(encode(text)),
    });
    const writer = said.writable.getWriter();
    const stdin = new WritableStream<Uint8Array>({
      write: (bytes) => {
        const text = new TextDecoder().decode(bytes);
        const said = text === "exit" ? writer.close() : writer.write(`${number}: ${text}`);
        said.catch(() => {});
      },
    });
    return Promise.resolve({ stdin, stdout: said.readable, resize: () => {} } as unknown as Process);
  };
  return { console: new ConsoleConnection(spawn), started: () => last };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

it("starts a shell when it is first used, and one only", async () => {
  const { console, started } = shells();
  expect(started()).toBe(0);
  const reader = console.readable.getReader();
  const writer = console.writable.getWriter();
  const [first] = await Promise.all([reader.read(), writer.write(encode("hello"))]);
  expect(new TextDecoder().decode(first.value)).toBe("shell 1");
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("1: hello");
  expect(started()).toBe(1);
});

it("goes on with the next shell where one ends", async () => {
  const { console, started } = shells();
  await console.connect();
  const reader = console.readable.getReader();
  const writer = console.writable.getWriter();
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("shell 1");
  await writer.write(encode("exit"));
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("shell 2");
  await writer.write(encode("hello"));
  expect(new TextDecoder().decode((await reader.read()).value)).toBe("2: hello");
  expect(started()).toBe(2);
});
