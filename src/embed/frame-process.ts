import { connectProcess } from "../client/process.js";
import type { Process, SpawnOptions } from "../client/types.js";
import { INITIAL_CREDIT } from "../machine/agent-protocol.js";
import { MachineError } from "../machine/machine-error.js";
import type { FromProcess, ToProcess } from "../machine/process-messages.js";
import type { FrameConnection } from "./frame-connection.js";
import { isCount, isObject } from "./protocol.js";

export { complete } from "../client/exec.js";

/** The page's end of a process in a frame. */
export function connectFrameProcess(
  port: MessagePort,
  frame: FrameConnection,
  options: SpawnOptions,
): Promise<Process> {
  return connectProcess(guardProcess(port, frame), frame.dead, options);
}

/** The port of a process in a frame. A frame that says what no process says, or more than it was granted, is given up. */
function guardProcess(port: MessagePort, frame: FrameConnection): MessagePort {
  const credit = [0, INITIAL_CREDIT, INITIAL_CREDIT];
  const isMessage = (data: unknown): data is FromProcess => {
    if (!isObject(data)) return false;
    const { type, pid, stream, bytes, status } = data;
    if (type !== "output")
      return isCount(type === "started" ? pid : type === "credit" ? bytes : type === "exit" ? status : 0.5);
    return (stream === 1 || stream === 2) && bytes instanceof Uint8Array && (credit[stream]! -= bytes.length) >= 0;
  };
  return {
    postMessage(message: ToProcess, transfer: Transferable[]) {
      if (message.type === "credit") credit[message.stream]! += message.bytes;
      port.postMessage(message, transfer);
    },
    close: () => port.close(),
    set onmessage(receive: (event: MessageEvent) => void) {
      port.onmessage = (event: MessageEvent<unknown>) => {
        if (isMessage(event.data)) receive(event);
        else frame.end(new MachineError("not-allowed", "The frame says what no process says."));
      };
    },
  } as unknown as MessagePort;
}
