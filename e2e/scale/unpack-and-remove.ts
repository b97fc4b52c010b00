import type { Linux } from "../machine/fixtures.js";
import type { Heap } from "./heap.js";

/** The guest's memory has no room for an archive of 20,000 files: one of so many is unpacked many times. */
const FILES_IN_ARCHIVE = 500;

/** Unpacks a tree, removes it and drops the guest's caches, again and again; gives the Worker's heap after each round, in bytes. */
export async function unpackAndRemove(linux: Linux, heap: Heap, files: number, rounds: number): Promise<number[]> {
  await linux.run(
    `set -e; mkdir /tmp/archive; cd /tmp/archive
     for directory in a b c d e; do mkdir $directory; for f in $(seq ${FILES_IN_ARCHIVE / 5}); do echo $f > $directory/$f; done; done
     tar cf ../archive.tar .; rm -r /tmp/archive`,
  );
  const used: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await linux.run(
      `set -e; mkdir /mnt/home/tree; cd /mnt/home/tree
       for n in $(seq ${files / FILES_IN_ARCHIVE}); do mkdir $n; tar xf /tmp/archive.tar -C $n; done
       test $(find . -type f | wc -l) = ${files}
       cd ..; rm -r tree`,
    );
    await linux.saved("home");
    await linux.run("echo 3 > /proc/sys/vm/drop_caches");
    used.push(await heap.used());
  }
  return used;
}
