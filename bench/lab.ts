import type { ShareStatistics } from "../src/client/types.js";

/** Where machines are booted to be measured. */
export interface Lab {
  /** Names of the shares: "memory", or "opfs" and "folder". Each is mounted at `/mnt/NAME`, empty in a new machine. */
  readonly shares: readonly string[];
  /** In words, for the report. */
  readonly host: string;
  boot(kernel: Kernel): Promise<LabMachine>;
  /** Milliseconds that processors have worked for it so far. */
  processorTime(): Promise<number>;
  close(): Promise<void>;
}

/** Our kernel, with or without the patches of its driver that can be switched off, or Debian's own with its stock driver. */
export type Kernel = "built-in" | "no-reap" | "stock";

/** Modules of the stock kernel for v86's 9p. */
export const PLAN_9_MODULES = ["netfs", "fscache", "9pnet", "9pnet_virtio", "9p"];

export interface LabMachine {
  /** What a shell command line printed; an exit code other than 0 is an error. */
  run(commandLine: string): Promise<string>;
  statistics(share: string): Promise<ShareStatistics>;
  stop(): Promise<void>;
}
