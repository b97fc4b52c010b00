// The sizes of the issue. It prints what it measures.
import { expect, test } from "../scale/fixtures.js";
import { inWords, listDirectory } from "../scale/list-directory.js";
import { unpackAndRemove } from "../scale/unpack-and-remove.js";

test("100,000 entries of OPFS are listed in linear time, while the page does not pause", async ({
  linux,
  page,
  pauses,
}) => {
  test.setTimeout(900_000);
  await listDirectory(linux, page, pauses, 1000); // for the compiler
  const few = await listDirectory(linux, page, pauses, 12_500);
  const many = await listDirectory(linux, page, pauses, 100_000);
  for (const listing of [...few, ...many]) console.log(inWords(listing));
  for (const [index, listing] of many.entries()) {
    expect(listing.longest.page).toBeLessThan(100);
    expect(listing.each / few[index]!.each).toBeLessThan(3);
  }
});

test("a tree of 20,000 files unpacked and removed ten times leaves nothing in the Worker", async ({ linux, heap }) => {
  test.setTimeout(1_800_000);
  const used = await unpackAndRemove(linux, heap, 20_000, 10);
  console.log(`bytes of the heap after each round: ${used.join(", ")}`);
  expect(used[9]! / used[1]!).toBeLessThan(1.1);
});
