import type { AgentCommand, AgentConnection } from "./agent.js";
import { Deferred } from "./deferred.js";
import type { FromProcess, ToProcess } from "./process-messages.js";

/** As an `AgentConnection`. */
export type ProcessStarter = Pick<AgentConnection, "start">;

/** Starts `command` and relays between its agent process and `port`, until it exits. Resolves then, with its wait status. */
export async function runOverPort(agent: ProcessStarter, command: AgentCommand, port: MessagePort): Promise<number> {
  const post = (message: FromProcess, transfer: Transferable[] = []): void => port.postMessage(message, transfer);
  const ended = new Deferred<number>();
  try {
    const process = agent.start(command, {
      started: (pid) => post({ type: "started", pid }),
      output: (stream, bytes) => post({ type: "output", stream, bytes }, [bytes.buffer]),
      inputCredit: (bytes) => post({ type: "credit", bytes }),
      exited: (status) => {
        post({ type: "exit", status });
        ended.resolve(status);
      },
    });
    port.onmessage = ({ data }: MessageEvent<ToProcess>) => relay(process, data);
    return await ended.promise;
  } finally {
    port.close();
  }
}

function relay(process: ReturnType<AgentConnection["start"]>, message: ToProcess): void {
  switch (message.type) {
    case "input":
      return process.input(message.bytes);
    case "end":
      return process.endInput();
    case "credit":
      return process.credit(message.stream, message.bytes);
    case "signal":
      return process.signal(message.signal);
    case "resize":
      return process.resize(message.columns, message.rows);
  }
}
