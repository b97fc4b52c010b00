import type { Images } from "../../src/machine/assets.js";
import { builtInImages } from "../../src/machine/testing/node-machine.js";
import { fetchStockKernel } from "./fetch.js";

const CACHE = ".cache/stock-kernel";

/** Debian's kernel with our initramfs and its own modules behind it: those of our devices, and further ones in the order given. */
export function stockImages(furtherModules: readonly string[] = []): Images & { readonly version: string } {
  const { version, kernel, modules } = fetchStockKernel(CACHE, furtherModules);
  const images = builtInImages();
  // An uncompressed archive begins at a multiple of 4 behind a compressed one.
  const start = Math.ceil(images.initramfs.byteLength / 4) * 4;
  const initramfs = new Uint8Array(start + modules.length);
  initramfs.set(new Uint8Array(images.initramfs));
  initramfs.set(modules, start);
  return { ...images, version, kernel: new Uint8Array(kernel).buffer, initramfs: initramfs.buffer };
}
