import type { AgentCommand, AgentConnection } from "./agent.js";
import type { Command } from "./machine-api.js";

/** Environment of every process that the machine starts in the guest. */
export const DEFAULT_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOME: "/root",
  USER: "root",
  LOGNAME: "root",
  SHELL: "/bin/sh",
  TERM: "xterm-256color",
  LANG: "C.UTF-8",
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
};

/** What the agent is told for a command of the page. */
export function commandOf({ argv, cwd, env, terminal }: Command): AgentCommand {
  const environment = Object.entries({ ...DEFAULT_ENVIRONMENT, ...env }).map(([name, value]) => `${name}=${value}`);
  return { argv, cwd, environment, ...(terminal && { terminal }) };
}

export interface GuestResult {
  /** Wait status of wait(2), or −errno. 0: success. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the guest's own short commands for the machine. */
export function runInGuest(agent: AgentConnection, argv: readonly string[]): Promise<GuestResult> {
  return new Promise((resolve) => {
    const texts = { 1: "", 2: "" };
    const decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
    const process = agent.start(commandOf({ argv, cwd: "/", env: {} }), {
      started: () => process.endInput(),
      output: (stream, bytes) => {
        texts[stream] += decoders[stream].decode(bytes, { stream: true });
        process.credit(stream, bytes.length);
      },
      inputCredit: () => undefined,
      exited: (status) => resolve({ status, stdout: texts[1], stderr: texts[2] }),
    });
  });
}

/** The exit code in a wait status, or undefined where a signal ended it or it did not start. */
export function exitCode(status: number): number | undefined {
  return status >= 0 && (status & 0x7f) === 0 ? (status >> 8) & 0xff : undefined;
}
