/**
 * Struct layouts as tables: a record of members in memory order, whose TypeScript type is inferred.
 *
 *     const virtio_example = struct({ id: u32, length: u32, address: u64 });
 *     type Example = Of<typeof virtio_example>; // { id: number; length: number; address: number }
 *
 * Little-endian and packed: a hole that a C compiler would leave is a {@link padding} member.
 */

/** How a value of type T lies in memory. */
export interface Layout<T> {
  /** In bytes. */
  readonly size: number;
  read(view: DataView, at: number): T;
  write(view: DataView, at: number, value: T): void;
}

/** Bytes without a meaning: no member of the value, written as zeros. */
export interface Padding extends Layout<undefined> {
  readonly isPadding: true;
}

type Members = Readonly<Record<string, Layout<unknown>>>;

type ValueOf<L> = L extends { read(view: DataView, at: number): infer T } ? T : never;

type StructValue<M> = { readonly [K in keyof M as M[K] extends Padding ? never : K]: ValueOf<M[K]> };

/** The layout of a struct with members `M`. */
export interface Struct<M> extends Layout<StructValue<M>> {
  /** Offset of each member in bytes, padding among them. */
  readonly offsets: { readonly [K in keyof M]: number };
  /** A new byte array that holds `value`; the members not given are zero. */
  encode(value: Partial<StructValue<M>>): Uint8Array<ArrayBuffer>;
  /** The value at the start of `bytes`. */
  decode(bytes: Uint8Array): StructValue<M>;
}

/** The value type of a layout. */
export type Of<L> = ValueOf<L>;

export const u8: Layout<number> = {
  size: 1,
  read: (view, at) => view.getUint8(at),
  write: (view, at, value) => view.setUint8(at, value),
};

export const u16: Layout<number> = {
  size: 2,
  read: (view, at) => view.getUint16(at, true),
  write: (view, at, value) => view.setUint16(at, value, true),
};

export const u32: Layout<number> = {
  size: 4,
  read: (view, at) => view.getUint32(at, true),
  write: (view, at, value) => view.setUint32(at, value, true),
};

export const i32: Layout<number> = {
  size: 4,
  read: (view, at) => view.getInt32(at, true),
  write: (view, at, value) => view.setInt32(at, value, true),
};

const HIGH_WORD = 2 ** 32;

/** Unsigned 64 bits as a number: exact below 2^53, rounded above. */
export const u64: Layout<number> = {
  size: 8,
  read: (view, at) => view.getUint32(at + 4, true) * HIGH_WORD + view.getUint32(at, true),
  write: write64,
};

/** Signed 64 bits as a number: exact from -2^53 to 2^53. */
export const i64: Layout<number> = {
  size: 8,
  read: (view, at) => view.getInt32(at + 4, true) * HIGH_WORD + view.getUint32(at, true),
  write: write64,
};

// setUint32 takes its argument modulo 2^32, so that two's complement comes by itself.
function write64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true);
  view.setUint32(at + 4, Math.floor(value / HIGH_WORD), true);
}

/** `size` bytes without a meaning. */
export function padding(size: number): Padding {
  return {
    size,
    isPadding: true,
    read: () => undefined,
    write(view, at) {
      for (let i = 0; i < size; i++) view.setUint8(at + i, 0);
    },
  };
}

/** Lays `members` out one after the other. */
export function struct<const M extends Members>(members: M): Struct<M> {
  const offsets: Record<string, number> = {};
  const names: string[] = [];
  const layouts: Layout<unknown>[] = [];
  const places: number[] = [];
  const holes: { at: number; layout: Padding }[] = [];
  let size = 0;
  for (const [name, member] of Object.entries(members)) {
    offsets[name] = size;
    if (isPadding(member)) {
      holes.push({ at: size, layout: member });
    } else {
      names.push(name);
      layouts.push(member);
      places.push(size);
    }
    size += member.size;
  }
  const count = names.length;

  function read(view: DataView, at: number): StructValue<M> {
    const value: Record<string, unknown> = {};
    for (let i = 0; i < count; i++) value[names[i]!] = layouts[i]!.read(view, at + places[i]!);
    return value as StructValue<M>;
  }

  function write(view: DataView, at: number, value: StructValue<M>): void {
    const values = value as Record<string, unknown>;
    for (let i = 0; i < count; i++) layouts[i]!.write(view, at + places[i]!, values[names[i]!]);
    for (const hole of holes) hole.layout.write(view, at + hole.at, undefined);
  }

  function encode(value: Partial<StructValue<M>>): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    const values = value as Record<string, unknown>;
    for (let i = 0; i < count; i++) {
      const given = values[names[i]!];
      if (given !== undefined) layouts[i]!.write(view, places[i]!, given);
    }
    return bytes;
  }

  function decode(bytes: Uint8Array): StructValue<M> {
    return read(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
  }

  return { size, offsets: offsets as Struct<M>["offsets"], read, write, encode, decode };
}

function isPadding(layout: Layout<unknown> | Padding): layout is Padding {
  return "isPadding" in layout;
}
