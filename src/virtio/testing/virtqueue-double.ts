import * as spec from "../spec.js";
import type { RamDouble } from "./ram-double.js";

/** What a driver puts into one descriptor. */
export interface Descriptor {
  addr: number;
  len: number;
  flags: number;
  next: number;
}

/** A buffer to offer: bytes for the device to read, or room for it to write. */
export type Part = Uint8Array | { readonly room: number };

/** The driver's side of a split virtqueue: lays out the rings, offers chains, reaps them, and can write anything anywhere. */
export class VirtqueueDouble {
  readonly descriptorTable: number;
  readonly availableRing: number;
  readonly usedRing: number;
  /** What to write into available idx with the next chain. */
  idx = 0;
  #nextDescriptor = 0;
  #lastUsed = 0;

  constructor(
    readonly ram: RamDouble,
    readonly size: number,
    /** Tells the device that there is something. */
    readonly kick: () => void,
  ) {
    this.descriptorTable = ram.allocate(spec.VIRTQ_DESC.size * size, spec.VIRTQ_DESC_ALIGN);
    this.availableRing = ram.allocate(this.#usedEventOffset + spec.VIRTQ_USED_EVENT.size, spec.VIRTQ_AVAIL_ALIGN);
    this.usedRing = ram.allocate(this.#availEventOffset + spec.VIRTQ_AVAIL_EVENT.size, spec.VIRTQ_USED_ALIGN);
  }

  /** Offers a chain and kicks; returns the guest-physical address of each part. */
  send(...parts: Part[]): number[] {
    const addresses = this.add(...parts);
    this.kick();
    return addresses;
  }

  /** Offers a chain, one descriptor a part. */
  add(...parts: Part[]): number[] {
    const { descriptors, addresses } = this.#describe(parts, (i) => this.#slot(i));
    const head = this.#slot(0);
    descriptors.forEach((descriptor, i) => this.writeDescriptor(this.#slot(i), descriptor));
    this.#nextDescriptor += parts.length;
    this.offer(head);
    return addresses;
  }

  /** Offers a chain through an indirect table. */
  addIndirect(...parts: Part[]): number[] {
    const { descriptors, addresses } = this.#describe(parts, (i) => i);
    this.offerIndirect(this.writeTable(descriptors), descriptors.length * spec.VIRTQ_DESC.size);
    return addresses;
  }

  offerIndirect(addr: number, len: number, flags: number = spec.VIRTQ_DESC_F_INDIRECT): void {
    const head = this.#slot(0);
    this.writeDescriptor(head, { addr, len, flags, next: 0 });
    this.#nextDescriptor++;
    this.offer(head);
  }

  /** Offers a chain of descriptors as they are, from index 0 of the table on. */
  offerRaw(...descriptors: Partial<Descriptor>[]): void {
    descriptors.forEach((descriptor, i) => this.writeDescriptor(i, descriptor));
    this.offer(0);
  }

  /** Puts a head into the available ring. */
  offer(head: number): void {
    const entry = this.availableRing + spec.VIRTQ_AVAIL.size + (this.idx % this.size) * spec.VIRTQ_AVAIL_ELEM.size;
    this.ram.writeUint16(entry, head);
    this.idx = (this.idx + 1) & 0xffff;
    this.publish();
  }

  publish(): void {
    this.ram.writeUint16(this.availableRing + spec.VIRTQ_AVAIL.offsets.idx, this.idx);
  }

  writeTable(descriptors: Partial<Descriptor>[]): number {
    const table = this.ram.allocate(descriptors.length * spec.VIRTQ_DESC.size);
    descriptors.forEach((descriptor, i) => this.#write(table + i * spec.VIRTQ_DESC.size, descriptor));
    return table;
  }

  writeDescriptor(index: number, descriptor: Partial<Descriptor>): void {
    this.#write(this.descriptorTable + index * spec.VIRTQ_DESC.size, descriptor);
  }

  /** The used elements that came since the last call. */
  reap(): { id: number; len: number }[] {
    const elements = [];
    for (; this.#lastUsed !== this.usedIdx; this.#lastUsed = (this.#lastUsed + 1) & 0xffff) {
      const element = this.usedRing + spec.VIRTQ_USED.size + (this.#lastUsed % this.size) * spec.VIRTQ_USED_ELEM.size;
      elements.push(spec.VIRTQ_USED_ELEM.decode(this.ram.view(element, spec.VIRTQ_USED_ELEM.size)));
    }
    return elements;
  }

  get usedIdx(): number {
    return this.ram.readUint16(this.usedRing + spec.VIRTQ_USED.offsets.idx);
  }

  get usedFlags(): number {
    return this.ram.readUint16(this.usedRing + spec.VIRTQ_USED.offsets.flags);
  }

  set availableFlags(flags: number) {
    this.ram.writeUint16(this.availableRing + spec.VIRTQ_AVAIL.offsets.flags, flags);
  }

  /** "Interrupt me when the used ring gets past this index." */
  set usedEvent(index: number) {
    this.ram.writeUint16(this.availableRing + this.#usedEventOffset, index);
  }

  get availEvent(): number {
    return this.ram.readUint16(this.usedRing + this.#availEventOffset);
  }

  #describe(
    parts: readonly Part[],
    indexOf: (i: number) => number,
  ): { descriptors: Descriptor[]; addresses: number[] } {
    const descriptors = parts.map((part, i): Descriptor => {
      const readable = part instanceof Uint8Array;
      const len = readable ? part.length : part.room;
      const addr = this.ram.allocate(len + 1); // never adjacent to the next
      if (readable) this.ram.view(addr, len).set(part);
      const more = i + 1 < parts.length;
      const flags = (readable ? 0 : spec.VIRTQ_DESC_F_WRITE) | (more ? spec.VIRTQ_DESC_F_NEXT : 0);
      return { addr, len, flags, next: more ? indexOf(i + 1) : 0 };
    });
    return { descriptors, addresses: descriptors.map(({ addr }) => addr) };
  }

  #write(at: number, descriptor: Partial<Descriptor>): void {
    this.ram.view(at, spec.VIRTQ_DESC.size).set(spec.VIRTQ_DESC.encode(descriptor));
  }

  #slot(i: number): number {
    return (this.#nextDescriptor + i) % this.size;
  }

  get #usedEventOffset(): number {
    return spec.VIRTQ_AVAIL.size + this.size * spec.VIRTQ_AVAIL_ELEM.size;
  }

  get #availEventOffset(): number {
    return spec.VIRTQ_USED.size + this.size * spec.VIRTQ_USED_ELEM.size;
  }
}
