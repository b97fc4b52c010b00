import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { storeCases } from "../testing/store-conformance.js";
import { openScratch } from "../web/opfs-scratch.js";
import { OpfsStore } from "./opfs-store.js";
import { OpfsDouble } from "./testing/opfs-double.js";

beforeEach(() => void vi.stubGlobal("navigator", new OpfsDouble().open()));
afterEach(() => void vi.unstubAllGlobals());

describe("OpfsStore over a double of OPFS", () => {
  it.each(storeCases)("$name", async ({ run }) => {
    const directory = await (await navigator.storage.getDirectory()).getDirectoryHandle("share", { create: true });
    await run(await OpfsStore.open(directory, { scratch: await openScratch() }));
  });
});
