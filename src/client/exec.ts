import type { ExecOptions, ExecResult, Process } from "./types.js";

/** Feeds and drains `process` as `exec` promises it, until it has exited. */
export async function complete(process: Process, options: ExecOptions): Promise<ExecResult> {
  // Input that the process does not read is not an error: it may end before it has seen all of it.
  const input = feed(process.stdin, options.stdin).catch(() => undefined);
  const [stdout, stderr, exit] = await Promise.all([
    drain(process.stdout, options.stdout),
    drain(process.stderr, options.stderr),
    process.exit,
  ]);
  await input;
  return { ...exit, stdout, stderr };
}

async function feed(stdin: WritableStream<Uint8Array>, input: ExecOptions["stdin"]): Promise<void> {
  if (input instanceof ReadableStream) return input.pipeTo(stdin);
  const writer = stdin.getWriter();
  if (input !== undefined) await writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  await writer.close();
}

async function drain(output: ReadableStream<Uint8Array>, target?: WritableStream<Uint8Array>): Promise<string> {
  if (target) {
    await output.pipeTo(target);
    return "";
  }
  const decoder = new TextDecoder();
  const reader = output.getReader();
  let text = "";
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    text += decoder.decode(chunk.value, { stream: true });
  }
  return text + decoder.decode();
}
