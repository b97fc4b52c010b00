/** What went wrong with a device that is attached to a `V86`, for code; `message` says what to do about it. */
export type DeviceErrorCode =
  /** What was given is no `V86` instance of the v86 package. */
  | "not-v86"
  /** This build of v86 lacks a member that the device needs: it works with v86 0.5.462. */
  | "unsupported-v86"
  /** The tag is empty, longer than 36 bytes, has a newline or a NUL in it, or another device has it. */
  | "bad-tag"
  /** Every PCI slot, or every range of I/O ports, is taken. */
  | "no-slot"
  /** The guest's driver still has the device: unmount, and let go of it first. */
  | "in-use"
  /** Something that the guest wrote could not be saved. */
  | "not-saved"
  /** The device was detached. */
  | "detached"
  /** The guest broke the protocol, and its driver has to be loaded anew; or its state could not be gone on from. */
  | "broken";

/** The error of everything that `attachVirtioFs` gives. */
export class DeviceError extends Error {
  override readonly name = "DeviceError";

  /** `message`: what to do about it. `options.cause`: what it was made from. */
  constructor(
    /** What went wrong. */
    readonly code: DeviceErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
