import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { cpio } from "./cpio.js";

/** Of Debian 12; the metapackage `linux-image-686` names the current one. */
const METAPACKAGE = "linux-image-686";
/** In the order in which they are loaded: each needs those before it. */
const MODULES = [
  "virtio",
  "virtio_ring",
  "virtio_pci_modern_dev",
  "virtio_pci_legacy_dev",
  "virtio_pci",
  "virtio_console",
  "fuse",
  "virtiofs",
];

export interface StockKernel {
  readonly version: string;
  readonly kernel: Uint8Array;
  /** An uncompressed cpio archive to put behind the initramfs: the modules, and an inittab that loads them first. */
  readonly modules: Uint8Array;
}

/**
 * Debian's own kernel for i386, unpacked from its package into `cache`, with what its initramfs loads beside what our devices need.
 * Needs apt and dpkg-deb; alters nothing of the system.
 */
export function fetchStockKernel(cache: string, furtherModules: readonly string[] = []): StockKernel {
  const root = resolve(cache);
  const tree = join(root, "tree");
  if (!existsSync(tree)) unpack(root, tree);
  const [version = ""] = readdirSync(join(tree, "lib/modules"));
  const installed = join(tree, "lib/modules", version, "kernel");
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  const modules = [...MODULES, ...furtherModules].map((name, index) => {
    const file = files.find((path) => basename(path) === `${name}.ko`);
    if (!file) throw new Error(`The package of ${version} has no module ${name}.`);
    return {
      path: `lib/modules/boot/${String(index).padStart(2, "0")}-${name}.ko`,
      mode: 0o100644,
      content: readFileSync(join(installed, file)),
    };
  });
  const load = "#!/bin/sh\nfor module in /lib/modules/boot/*.ko; do insmod $module; done\n";
  const inittab =
    "::sysinit:/etc/init.d/boot\n::sysinit:/etc/init.d/modules\n::respawn:/etc/init.d/agent\n::shutdown:/bin/umount -a -r\n";
  return {
    version,
    kernel: readFileSync(join(tree, "boot", `vmlinuz-${version}`)),
    modules: cpio([
      { path: "lib", mode: 0o040755, content: new Uint8Array() },
      { path: "lib/modules", mode: 0o040755, content: new Uint8Array() },
      { path: "lib/modules/boot", mode: 0o040755, content: new Uint8Array() },
      ...modules,
      { path: "etc/init.d/modules", mode: 0o100755, content: new TextEncoder().encode(load) },
      { path: "etc/inittab", mode: 0o100644, content: new TextEncoder().encode(inittab) },
    ]),
  };
}

function unpack(root: string, tree: string): void {
  const apt = join(root, "apt");
  mkdirSync(join(apt, "lists/partial"), { recursive: true });
  mkdirSync(join(apt, "cache/archives/partial"), { recursive: true });
  writeFileSync(join(apt, "status"), "");
  const options = [
    `Dir::State=${apt}`,
    `Dir::State::status=${apt}/status`,
    `Dir::Cache=${apt}/cache`,
    "APT::Architecture=i386",
    "APT::Architectures=i386",
    "APT::Sandbox::User=root",
    "Acquire::Languages=none",
  ].flatMap((option) => ["-o", option]);
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  try {
    run("apt-get", ...options, "-q", "update");
  } catch {
    // Some source of this machine has nothing for i386: what matters is whether the kernel is found now.
  }
  const depends = run("apt-cache", ...options, "depends", METAPACKAGE);
  const image = /Depends: (linux-image-\S+)/.exec(depends)?.[1];
  if (!image) throw new Error(`apt knows no ${METAPACKAGE}: is this Debian 12?`);
  run("apt-get", ...options, "-q", "download", image);
  const [archive] = readdirSync(root).filter((name) => name.startsWith(image) && name.endsWith(".deb"));
  if (!archive) throw new Error(`apt did not bring ${image}.`);
  const partial = `${tree}.partial`;
  run("dpkg-deb", "-x", archive, partial);
  renameSync(partial, tree);
  rmSync(apt, { recursive: true });
  rmSync(join(root, archive));
}
