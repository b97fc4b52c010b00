/** The driver broke virtio: the device sets DEVICE_NEEDS_RESET and stands still until it is reset. */
export class DriverError extends Error {
  override readonly name = "DriverError";
}
