import { describe, expect, it } from "vitest";
import { Random } from "../../fs/testing/random.js";
import { SlowStore } from "../../fs/testing/slow-store.js";
import type { StoreFile, StoreStat } from "../store.js";
import { MemoryRecordLog } from "../memory/memory-record-log.js";
import { MemoryStore } from "../memory/memory-store.js";
import { storeCases } from "../testing/store-conformance.js";
import { OverlayStore } from "./overlay-store.js";

describe("OverlayStore", () => {
  it.each(storeCases)("$name", async ({ run }) => {
    await run(
      await OverlayStore.open({ lower: new MemoryStore(), contents: new MemoryStore(), log: new MemoryRecordLog() }),
    );
  });
});

describe("files of the folder are read whole", () => {
  it("as long as the guest has not written them", async () => {
    const lower = new SlowStore(new MemoryStore({ a: "one", b: "two" }), { random: new Random(1) });
    const store = await OverlayStore.open({ lower, contents: new MemoryStore(), log: new MemoryRecordLog() });
    const file = async (name: string) => ((await store.root.get(name)) as { file: StoreFile }).file;
    const read = async (name: string) => {
      const found: StoreStat[] = [];
      const bytes = await (await file(name)).readWhole!(10, (stat) => found.push(stat));
      return [bytes && new TextDecoder().decode(bytes), found.map(({ size }) => size)];
    };
    expect(await read("a")).toEqual(["one", [3]]);
    const open = await (await file("b")).open(true);
    await open.write(0, [new TextEncoder().encode("changed")]);
    await open.close();
    expect(await read("b")).toEqual([undefined, []]);
    await store.root.rename("a", store.root, "c");
    expect(await read("c")).toEqual(["one", [3]]);
  });
});
