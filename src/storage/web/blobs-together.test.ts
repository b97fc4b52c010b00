import { expect, test } from "vitest";
import { BlobsTogether } from "./blobs-together.js";

const texts = Array.from({ length: 100 }, (_, i) => "x".repeat(i % 7) + i);

test("blobs that come at once are read together", async () => {
  const sizes: number[] = [];
  const blobs = new BlobsTogether((some) => {
    sizes.push(some.length);
    return new Blob([...some]).arrayBuffer();
  });
  expect(await readAll(blobs, texts)).toEqual(texts);
  expect(await readAll(blobs, ["later"])).toEqual(["later"]);
  expect(sizes).toEqual([32, 32, 32, 4]);
});

test("one that cannot be read fails alone", async () => {
  const blobs = new BlobsTogether((some) =>
    some.some((blob) => blob instanceof BadBlob)
      ? Promise.reject(new Error("one of them"))
      : new Blob([...some]).arrayBuffer(),
  );
  const all = await Promise.allSettled(["a", "b", "c", undefined, "d", "e"].map((text) => read(blobs, text)));
  expect(all.map((one) => (one.status === "fulfilled" ? one.value : one.reason.message))).toEqual([
    "a",
    "b",
    "c",
    "bad",
    "d",
    "e",
  ]);
  expect(await readAll(blobs, texts)).toEqual(texts);
});

class BadBlob extends Blob {
  override arrayBuffer(): Promise<ArrayBuffer> {
    return Promise.reject(new Error("bad"));
  }
}

function readAll(blobs: BlobsTogether, all: readonly string[]): Promise<string[]> {
  return Promise.all(all.map((text) => read(blobs, text)));
}

async function read(blobs: BlobsTogether, text: string | undefined): Promise<string> {
  const bytes = await blobs.read(text === undefined ? new BadBlob() : new Blob([text]));
  return new TextDecoder().decode(bytes);
}
