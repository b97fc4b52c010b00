import { describe, expect, it, vi } from "vitest";
import { AgentConnection } from "./agent.js";
import { CAN_UPLOAD, FromAgent, MAXIMUM_PAYLOAD, PROTOCOL_VERSION, START_UPLOAD, ToAgent } from "./agent-protocol.js";
import { AgentDouble, encodeFrame, word } from "./testing/agent-double.js";

function connected(greeted = true): { agent: AgentDouble; connection: AgentConnection } {
  const agent = new AgentDouble();
  const connection = new AgentConnection(agent.send);
  agent.connect((bytes) => connection.receive(bytes));
  if (greeted) agent.hello();
  return { agent, connection };
}

const listener = () => ({ started: vi.fn(), output: vi.fn(), inputCredit: vi.fn(), exited: vi.fn() });
const ls = { argv: ["ls", "-l"], cwd: "/mnt", environment: ["A=1"] };

describe("AgentConnection", () => {
  it("is ready when the agent says hello", async () => {
    const { agent, connection } = connected(false);
    agent.hello();
    await expect(connection.ready).resolves.toBeUndefined();
  });

  it("knows what the agent says it can do, and asks an older one for nothing else", () => {
    const { agent, connection } = connected();
    expect(connection.canUpload).toBe(false);
    agent.say(FromAgent.HELLO, 0, new Uint8Array([...word(PROTOCOL_VERSION), ...word(CAN_UPLOAD)]));
    expect(connection.canUpload).toBe(true);
    connection.start({ ...ls, uploads: true }, listener());
    expect(agent.sent[0]!.payload[0]).toBe(START_UPLOAD);
    connection.close(new Error("gone"));
    expect(connection.canUpload).toBe(false);
  });

  it("refuses an agent of another version", async () => {
    const { agent, connection } = connected(false);
    agent.hello(99);
    await expect(connection.ready).rejects.toThrow(/protocol 99/);
  });

  it("sends a command as the protocol has it", () => {
    const { agent, connection } = connected();
    connection.start({ ...ls, terminal: { columns: 100, rows: 30 } }, listener());
    const [{ type, payload }] = agent.sent as [(typeof agent.sent)[0]];
    expect(type).toBe(ToAgent.START);
    expect([...payload.subarray(0, 16)]).toEqual([1, 0, 0, 0, 100, 0, 30, 0, 2, 0, 0, 0, 1, 0, 0, 0]);
    expect(new TextDecoder().decode(payload.subarray(16))).toBe("/mnt\0ls\0-l\0A=1\0");
  });

  it("understands frames in any cut", () => {
    const { connection } = connected();
    const events = listener();
    connection.start(ls, events);
    const stream = [
      encodeFrame(FromAgent.STARTED, 1, word(7)),
      encodeFrame(FromAgent.OUTPUT, 1, new TextEncoder().encode("hello")),
      encodeFrame(FromAgent.ERROR, 1, new TextEncoder().encode("oops")),
      encodeFrame(FromAgent.EXIT, 1, word(256)),
    ].flatMap((frame) => [...frame]);
    for (const byte of stream) connection.receive(new Uint8Array([byte]));
    expect(events.started).toHaveBeenCalledWith(7);
    expect(events.output.mock.calls).toEqual([
      [1, new TextEncoder().encode("hello")],
      [2, new TextEncoder().encode("oops")],
    ]);
    expect(events.exited).toHaveBeenCalledExactlyOnceWith(256);
  });

  it("cuts long input into frames that the agent takes", () => {
    const { agent, connection } = connected();
    const process = connection.start(ls, listener());
    process.input(new Uint8Array(MAXIMUM_PAYLOAD + 1));
    expect(agent.sent.slice(1).map((frame) => frame.payload.length)).toEqual([MAXIMUM_PAYLOAD, 1]);
  });

  it("ends every process when the agent sends what is no frame", () => {
    const { connection } = connected();
    const events = listener();
    connection.start(ls, events);
    const bad = encodeFrame(FromAgent.OUTPUT, 1, new Uint8Array(0));
    bad.set(word(MAXIMUM_PAYLOAD + 1), 8);
    connection.receive(bad);
    expect(events.exited).toHaveBeenCalledExactlyOnceWith(9);
  });

  it("ends what ran under an agent that is gone, and starts what comes then under the next", () => {
    const { agent, connection } = connected();
    const before = listener();
    connection.start(ls, before);
    connection.close(new Error("the agent has ended"));
    expect(before.exited).toHaveBeenCalledExactlyOnceWith(9);
    connection.start(ls, listener());
    expect(agent.sent.map((frame) => frame.process)).toEqual([1]);
    agent.hello();
    expect(agent.sent.map((frame) => frame.process)).toEqual([1, 2]);
  });

  it.each([
    ["a NUL character", ["ls", "a\0b"], /NUL/],
    ["more than fits", ["ls", "x".repeat(MAXIMUM_PAYLOAD)], /longer than/],
  ])("refuses a command with %s", (_, argv, message) => {
    const { connection } = connected();
    expect(() => connection.start({ ...ls, argv }, listener())).toThrow(message);
  });
});
