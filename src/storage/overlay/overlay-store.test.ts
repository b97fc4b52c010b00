import { describe, it } from "vitest";
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
