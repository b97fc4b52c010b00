/** Bytes of one access, and of one register. */
export type Width = 1 | 2 | 4;

/** A register of a device; values are unsigned. */
export interface Register {
  readonly offset: number;
  readonly width: Width;
  read(): number;
  /** Missing: what is written is ignored. */
  write?(value: number): void;
}

/**
 * Registers side by side in one address space. Drivers MUST access a register with its own width (§4.1.3.1); an access of
 * another width is made of whole registers here, so that no register has to know. Where there is none, 0 is read.
 */
export class RegisterFile {
  readonly #at: (Register | undefined)[];

  constructor(
    readonly size: number,
    registers: Iterable<Register>,
  ) {
    this.#at = new Array<Register | undefined>(size).fill(undefined);
    for (const register of registers) {
      if (register.offset + register.width > size) throw new RangeError(`register at ${register.offset} of ${size}`);
      this.#at.fill(register, register.offset, register.offset + register.width);
    }
  }

  read(offset: number, width: Width): number {
    const register = this.#at[offset];
    if (register?.offset === offset && register.width === width) return register.read();
    const bytes = new Bytes(0);
    this.#eachPart(offset, width, (part, from, at, count) => bytes.copy(new Bytes(part.read()), from, at, count));
    return bytes.value(width);
  }

  write(offset: number, width: Width, value: number): void {
    const register = this.#at[offset];
    if (register?.offset === offset && register.width === width) return register.write?.(value);
    const bytes = new Bytes(value);
    this.#eachPart(offset, width, (part, to, from, count) => {
      if (part.write === undefined) return;
      const whole = new Bytes(count === part.width ? 0 : part.read());
      whole.copy(bytes, from, to, count);
      part.write(whole.value(part.width));
    });
  }

  /** Visits each register that the access touches, once: `count` bytes, `inner` into the register, `outer` into the access. */
  #eachPart(
    offset: number,
    width: Width,
    visit: (register: Register, inner: number, outer: number, count: number) => void,
  ): void {
    for (let outer = 0; outer < width;) {
      const register = this.#at[offset + outer];
      if (register === undefined) {
        outer++;
        continue;
      }
      const inner = offset + outer - register.offset;
      const count = Math.min(register.width - inner, width - outer);
      visit(register, inner, outer, count);
      outer += count;
    }
  }
}

/** The little-endian bytes of one access. */
class Bytes {
  readonly #view = new DataView(new ArrayBuffer(4));

  constructor(value: number) {
    this.#view.setUint32(0, value, true);
  }

  copy(from: Bytes, fromOffset: number, toOffset: number, count: number): void {
    for (let i = 0; i < count; i++) this.#view.setUint8(toOffset + i, from.#view.getUint8(fromOffset + i));
  }

  value(width: Width): number {
    if (width === 1) return this.#view.getUint8(0);
    return width === 2 ? this.#view.getUint16(0, true) : this.#view.getUint32(0, true);
  }
}
