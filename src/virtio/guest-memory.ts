import { DriverError } from "./driver-error.js";

/**
 * The guest's RAM, addressed guest-physically from 0. Integers are little-endian. Every access is checked: an address outside
 * RAM, a 64-bit one among them, is the driver's error.
 */
export abstract class GuestMemory {
  abstract readonly byteLength: number;

  /** All of RAM, as it lies in memory now. */
  protected abstract ram(): DataView;

  /** Says that bytes changed behind the processor's back, so that code compiled from them is thrown away. */
  abstract written(address: number, length: number): void;

  /** The bytes themselves, not a copy; good until control goes back to the emulator, whose memory may move. */
  view(address: number, length: number): Uint8Array {
    this.check(address, length);
    const ram = this.ram();
    return new Uint8Array(ram.buffer, ram.byteOffset + address, length);
  }

  /** Throws unless [address, address + length) is in RAM. */
  check(address: number, length: number): void {
    if (!(address >= 0 && address + length <= this.byteLength)) {
      throw new DriverError(`${length} bytes at 0x${address.toString(16)} are not in RAM`);
    }
  }

  readUint16(address: number): number {
    this.check(address, 2);
    return this.ram().getUint16(address, true);
  }

  readUint32(address: number): number {
    this.check(address, 4);
    return this.ram().getUint32(address, true);
  }

  /** Exact below 2^53; what is above is rounded, and outside RAM either way. */
  readUint64(address: number): number {
    return this.readUint32(address) + this.readUint32(address + 4) * 2 ** 32;
  }

  writeUint16(address: number, value: number): void {
    this.check(address, 2);
    this.ram().setUint16(address, value, true);
    this.written(address, 2);
  }

  writeUint32(address: number, value: number): void {
    this.check(address, 4);
    this.ram().setUint32(address, value, true);
    this.written(address, 4);
  }

  writeUint64(address: number, value: number): void {
    this.writeUint32(address, value % 2 ** 32);
    this.writeUint32(address + 4, Math.floor(value / 2 ** 32));
  }
}
