import type { AgentCommand, AgentConnection } from "./agent.js";
import type { Command } from "./machine-api.js";

/** Where the initramfs stands when a share is the root (`guest/rootfs/etc/init.d/root`). */
export const INITRAMFS = "/run/initramfs";

/** `poweroff` and its like, for a root that has none, or none that works without its own init. */
const POWER = `${INITRAMFS}/usr/lib/power`;

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
export function commandOf({ argv, cwd, env, terminal }: Command, rootIsShared = false): AgentCommand {
  const { PATH } = DEFAULT_ENVIRONMENT;
  const variables = { ...DEFAULT_ENVIRONMENT, ...(rootIsShared && { PATH: `${POWER}:${PATH}` }), ...env };
  const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  return { argv, cwd, environment, ...(terminal && { terminal }) };
}

export interface GuestResult {
  /** Wait status of wait(2), or −errno. 0: success. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one of the guest's own short commands for the machine. */
export function runInGuest(agent: AgentConnection, argv: readonly string[], mounts = false): Promise<GuestResult> {
  return new Promise((resolve) => {
    const texts = { 1: "", 2: "" };
    const decoders = { 1: new TextDecoder(), 2: new TextDecoder() };
    const process = agent.start(
      { ...commandOf({ argv, cwd: "/", env: {} }), mounts },
      {
        started: () => process.endInput(),
        output: (stream, bytes) => {
          texts[stream] += decoders[stream].decode(bytes, { stream: true });
          process.credit(stream, bytes.length);
        },
        inputCredit: () => undefined,
        exited: (status) => resolve({ status, stdout: texts[1], stderr: texts[2] }),
      },
    );
  });
}

/** Runs a program of our initramfs: `share`, or one of busybox. */
export type RunOwnProgram = (name: string, ...parameters: string[]) => Promise<GuestResult>;

/** Our programs by name; where a share is the root, its own ones by that name may be others, or missing. */
export function ownPrograms(agent: AgentConnection, rootIsShared: boolean): RunOwnProgram {
  const scripts = new Set(["share"]);
  return (name, ...parameters) => {
    const mounts = name === "share" && parameters[0] === "add";
    if (!rootIsShared) return runInGuest(agent, [name, ...parameters], mounts);
    const program = scripts.has(name) ? ["sh", `${INITRAMFS}/sbin/${name}`] : [name];
    return runInGuest(agent, [`${INITRAMFS}/bin/busybox`, ...program, ...parameters], mounts);
  };
}

/** The exit code in a wait status, or undefined where a signal ended it or it did not start. */
export function exitCode(status: number): number | undefined {
  return status >= 0 && (status & 0x7f) === 0 ? (status >> 8) & 0xff : undefined;
}
