/**
 * One FUSE request as the server sees it: bytes it may read, then bytes it may write. A virtqueue's descriptor chain has this
 * shape; the server knows no virtio.
 *
 * Guest memory is the guest's: bytes are copied out before they are parsed, and a view is used only until control goes back to
 * the event loop.
 */
export interface FuseMessage {
  /** Bytes of all device-readable parts. */
  readonly readableLength: number;
  /** Bytes of all device-writable parts. 0: no reply is wanted (FORGET). */
  readonly writableLength: number;
  /** Copies device-readable bytes from `offset` on into `into`; returns how many there were, at most `into.length`. */
  copyIn(offset: number, into: Uint8Array): number;
  /** Views of the device-readable bytes [offset, offset + length), clipped to what there is. */
  readableViews(offset: number, length: number): Uint8Array[];
  /** Views of the device-writable bytes [offset, offset + length), clipped to what there is. */
  writableViews(offset: number, length: number): Uint8Array[];
  /** Copies `bytes` to the device-writable bytes at `offset`; what does not fit is an error of the caller (RangeError). */
  copyOut(offset: number, bytes: Uint8Array): void;
  /** Gives the request back with `written` device-writable bytes filled in. Exactly once; after a device reset it does nothing. */
  complete(written: number): void;
}
