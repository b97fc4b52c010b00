import type { MachineState } from "../../machine/machine-state.js";
import type { Screen } from "./screen.js";

/**
 * What a frame and the tab that it opened say to each other as windows, as `{ [KEY]: … }`: the tab asks again and again, and the
 * frame answers each time, with a port at first. Who is silent for too long has gone. All else goes over that port.
 */
export const KEY = "v86-virtiofs-own-tab";
export const ASK = "machine?";
export const ANSWER = "wait";
export const ASK_INTERVAL_MS = 500;
export const MOST_SILENCE_MS = 10_000;
/** In the address of the new tab: the window that opened it has a machine for it. */
export const FROM_FRAME = "?machine=opener";

export type Files = Readonly<Record<string, Blob>>;

/** The frame says: the emulator's state in parts, and then what is around it; or the files alone. */
export type FromFrame =
  | { readonly type: "part"; readonly bytes: ArrayBuffer; readonly total: number }
  | { readonly type: "machine"; readonly state: MachineState; readonly screen: Screen }
  /** `why`: the machine itself stays where it is. */
  | { readonly type: "files"; readonly files: Files; readonly why: string }
  | { readonly type: "failed"; readonly why: string }
  /** The frame's machine has ended. */
  | { readonly type: "yours" };

export type FromTab = { readonly type: "runs" } | { readonly type: "failed"; readonly why: string };
