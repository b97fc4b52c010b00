import { describe, it } from "vitest";
import { MemoryStore } from "../memory/memory-store.js";
import { storeCases } from "./store-conformance.js";

describe("MemoryStore", () => {
  it.each(storeCases)("$name", async ({ run }) => run(new MemoryStore()));
});
