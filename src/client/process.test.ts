import { describe, expect, it } from "vitest";
import { AgentConnection } from "../machine/agent.js";
import { FromAgent, INITIAL_CREDIT, ToAgent } from "../machine/agent-protocol.js";
import { Deferred } from "../machine/deferred.js";
import { runOverPort } from "../machine/process-port.js";
import { AgentDouble, word } from "../machine/testing/agent-double.js";
import { complete } from "./exec.js";
import { connectProcess } from "./process.js";
import type { Process } from "./types.js";

/** A page and a Worker with their port between them, and the guest's agent as a double. */
function start(abort?: AbortSignal): {
  agent: AgentDouble;
  process: Promise<Process>;
  dead: Deferred<never>;
  go(): void;
} {
  const agent = new AgentDouble();
  const connection = new AgentConnection(agent.send);
  agent.connect((bytes) => connection.receive(bytes));
  agent.hello();
  const { port1, port2 } = new MessageChannel();
  const dead = new Deferred<never>();
  const process = connectProcess(port1, dead.promise, abort && { signal: abort });
  process.catch(() => undefined);
  const go = (): void => void runOverPort(connection, { argv: ["program"], cwd: "/", environment: [] }, port2);
  return { agent, process, dead, go };
}

describe("a process over its port", () => {
  it("gives its output and its exit code", async () => {
    const { agent, process, go } = start();
    agent.onFrame = ({ type, process: id }) => {
      if (type !== ToAgent.START) return;
      agent.say(FromAgent.STARTED, id, word(5));
      agent.say(FromAgent.OUTPUT, id, new TextEncoder().encode("grün"));
      agent.say(FromAgent.ERROR, id, new TextEncoder().encode("bad"));
      agent.say(FromAgent.EXIT, id, word(3 << 8));
    };
    go();
    expect(await complete(await process, {})).toEqual({ exitCode: 3, stdout: "grün", stderr: "bad" });
  });

  it("streams more than memory would hold, and never more ahead than its credit", async () => {
    const total = 64 * 2 ** 20;
    const { agent, process, go } = start();
    agent.floods(total, new Uint8Array(16 * 1024));
    let said = 0;
    let taken = 0;
    let ahead = 0;
    const say = agent.say.bind(agent);
    agent.say = (type, id, payload) => {
      if (type === FromAgent.OUTPUT) said += payload.length;
      ahead = Math.max(ahead, said - taken);
      say(type, id, payload);
    };
    const stdout = new WritableStream<Uint8Array>({
      write: (bytes) => {
        taken += bytes.length;
      },
    });
    go();
    const result = await complete(await process, { stdout });
    expect(result).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(taken).toBe(total);
    // Beside the credit, one chunk may be on its way between reader and writer.
    expect(ahead).toBeLessThanOrEqual(2 ** 20 + 2 * 16 * 1024);
  });

  it("sends input no faster than the process takes it", async () => {
    const { agent, process, go } = start();
    let received = 0;
    let ended = false;
    agent.onFrame = ({ type, process: id, payload }) => {
      if (type === ToAgent.START) agent.say(FromAgent.STARTED, id, word(5));
      if (type !== ToAgent.INPUT) return;
      received += payload.length;
      if (payload.length > 0) agent.say(FromAgent.CREDIT, id, word(payload.length));
      else ended = true;
      if (ended) agent.say(FromAgent.EXIT, id, word(0));
    };
    go();
    await complete(await process, { stdin: new Uint8Array(5 * INITIAL_CREDIT + 1) });
    expect(received).toBe(5 * INITIAL_CREDIT + 1);
    expect(ended).toBe(true);
  });

  it("ends although its input was not read", async () => {
    const { agent, process, go } = start();
    agent.onFrame = ({ type, process: id }) => {
      if (type === ToAgent.START) agent.say(FromAgent.STARTED, id, word(5));
      else if (type === ToAgent.INPUT) agent.say(FromAgent.EXIT, id, word(1 << 8));
    };
    go();
    const result = await complete(await process, { stdin: new Uint8Array(10 * INITIAL_CREDIT) });
    expect(result.exitCode).toBe(1);
  });

  it("says why it could not start", async () => {
    const { agent, process, go } = start();
    agent.onFrame = ({ process: id }) => agent.say(FromAgent.EXIT, id, word(-2));
    go();
    await expect(process).rejects.toMatchObject({ code: "start-failed", message: expect.stringContaining("ENOENT") });
  });

  it("is asked to end when it is aborted, and says which signal ended it", async () => {
    const abort = new AbortController();
    const { agent, process, go } = start(abort.signal);
    agent.onFrame = ({ type, process: id, payload }) => {
      if (type === ToAgent.START) agent.say(FromAgent.STARTED, id, word(5));
      if (type === ToAgent.SIGNAL) agent.say(FromAgent.EXIT, id, payload);
    };
    go();
    const running = await process;
    abort.abort();
    expect(await running.exit).toEqual({ exitCode: 128 + 15, signal: 15 });
  });

  it("fails, and leaves nobody waiting, when the Worker dies", async () => {
    const { agent, process, dead, go } = start();
    agent.onFrame = ({ type, process: id }) => {
      if (type === ToAgent.START) agent.say(FromAgent.STARTED, id, word(5));
    };
    go();
    const running = await process;
    const reading = running.stdout.getReader().read();
    dead.reject(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");
    await expect(running.exit).rejects.toThrow("gone");
  });
});
