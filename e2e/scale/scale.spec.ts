// The sizes that fit into a minute; e2e/long/scale.spec.ts has those of the issue.
import { expect, test } from "./fixtures.js";
import { inWords, listDirectory } from "./list-directory.js";
import { unpackAndRemove } from "./unpack-and-remove.js";

const FILES = 1000;

test("a directory of OPFS is listed in linear time, while the page does not pause", async ({ linux, page, pauses }) => {
  test.setTimeout(180_000);
  await listDirectory(linux, page, pauses, 500); // for the compiler
  const few = await listDirectory(linux, page, pauses, 1000);
  const many = await listDirectory(linux, page, pauses, 6000);
  for (const [index, listing] of many.entries()) {
    test.info().annotations.push({ type: "measured", description: inWords(listing) });
    expect(listing.longest.page, inWords(listing)).toBeLessThan(100);
    expect(listing.each / few[index]!.each, `${inWords(listing)}; ${inWords(few[index]!)}`).toBeLessThan(3);
  }
});

test("trees that were unpacked and removed leave nothing in the Worker", async ({ linux, heap }) => {
  test.setTimeout(180_000);
  const used = await unpackAndRemove(linux, heap, FILES, 3);
  test
    .info()
    .annotations.push({ type: "measured", description: `bytes of the heap after each round: ${used.join(", ")}` });
  // A node takes 500 bytes and more.
  expect((used[2]! - used[1]!) / FILES).toBeLessThan(200);
});

test("what the guest knows takes some 400 bytes of the Worker for each file, until it is forgotten", async ({
  linux,
  heap,
}) => {
  test.setTimeout(180_000);
  const drop = "sync; echo 3 > /proc/sys/vm/drop_caches";
  const find = "test $(find /mnt/home/known -type f | wc -l) = 5000";
  await linux.run(
    `set -e; mkdir /mnt/home/known; cd /mnt/home/known
     for d in $(seq 50); do mkdir $d; for f in $(seq 100); do : > $d/file-$f; done; done`,
  );
  await linux.saved("home");
  await linux.run(`${drop}; ${find}; ${drop}`); // for the compiler
  const before = await heap.used();
  await linux.run(find);
  const known = await heap.used();
  await linux.run(drop);
  const [each, left] = [(known - before) / 5000, ((await heap.used()) - before) / 5000];
  test.info().annotations.push({ type: "measured", description: `${each.toFixed(0)} bytes, then ${left.toFixed(0)}` });
  expect(each).toBeGreaterThan(100);
  // 370 to 390, and what else the Worker did meanwhile.
  expect(each).toBeLessThan(420);
  expect(left).toBeLessThan(50);
});
