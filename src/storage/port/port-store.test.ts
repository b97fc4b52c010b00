import { describe, expect, it } from "vitest";
import { Errno } from "../../posix/errno.js";
import { checkName } from "../../posix/name.js";
import type { OpenStoreFile } from "../store.js";
import { MemoryStore } from "../memory/memory-store.js";
import { storeCases } from "../testing/store-conformance.js";
import { names } from "../testing/store-case.js";
import { PortStore } from "./port-store.js";
import { StoreServer } from "./store-server.js";

async function served(
  store = new MemoryStore(),
): Promise<{ store: PortStore; server: StoreServer; port: MessagePort }> {
  const { port1, port2 } = new MessageChannel();
  const server = new StoreServer(store, port1);
  return { store: await PortStore.connect(port2, { checkName }), server, port: port2 };
}

describe("a store that is served over a port", () => {
  it.each(storeCases)("$name", async ({ run }) => {
    const { store } = await served();
    await run(store);
    await store.close();
  });

  it("rejects what waits when its server ends", async () => {
    const { store, server } = await served();
    await server.end();
    await expect(store.root.list()).rejects.toThrow("EIO");
  });

  it("takes no message that is not a request", async () => {
    const memory = new MemoryStore({ kept: "kept" });
    const { port1, port2 } = new MessageChannel();
    const server = new StoreServer(memory, port1);
    const answers: { id: number; type: string }[] = [];
    const last = new Promise<void>((resolve) => {
      port2.onmessage = ({ data }: MessageEvent<{ id: number; type: string }>) => {
        answers.push(data);
        if (data.id === 99) resolve();
      };
    });
    const bad = [
      null,
      1,
      "list",
      {},
      { id: 1, operation: "constructor", parameters: [] },
      { id: 2, operation: "__proto__", parameters: [] },
      { id: 3, operation: "list", parameters: ["kept"] },
      { id: 4, operation: "remove", parameters: [[".."], "kept"] },
      { id: 5, operation: "remove", parameters: [[], "../kept"] },
      { id: 6, operation: "read", parameters: [1, 0, 2 ** 40] },
      { id: 7, operation: "read", parameters: [1, -1, 1] },
      { id: 8, operation: "write", parameters: [1, 0, "text"] },
      { id: -1, operation: "list", parameters: [[]] },
      { id: 9, operation: "list", parameters: [[], []] },
    ];
    for (const message of bad) port2.postMessage(message);
    port2.postMessage({ id: 98, operation: "read", parameters: [12, 0, 1] });
    port2.postMessage({ id: 99, operation: "list", parameters: [[]] });
    await last;
    expect(answers).toMatchObject([
      { id: 98, type: "error", errno: 9 },
      { id: 99, type: "reply", value: [{ name: "kept", kind: "file" }] },
    ]);
    await server.end();
  });

  it("refuses changes where the store is read only, whoever asks", async () => {
    const { store } = await served(new MemoryStore({ kept: "kept" }, { readOnly: true }));
    await expect(store.root.remove("kept")).rejects.toThrow("EROFS");
    await expect(store.root.createFile("new")).rejects.toThrow("EROFS");
    expect(await names(store.root)).toEqual(["kept"]);
    await store.close();
  });

  it("is not served any longer to whoever goes on with what is no request", async () => {
    const { store, port } = await served();
    for (let count = 0; count < 100; count++) port.postMessage({ id: 1, operation: "no" });
    await expect(store.root.list()).rejects.toThrow("EIO");
  });

  it("refuses requests of more bytes than it would hold", async () => {
    const { store } = await served(memoryWith({ write: () => new Promise<void>(() => {}) }));
    const entry = await store.root.get("a");
    const file = entry?.kind === "file" ? await entry.file.open(true) : undefined;
    const all = Array.from({ length: 257 }, async () => file!.write(0, [new Uint8Array(1 << 20)]));
    await expect(Promise.race(all)).rejects.toMatchObject({ errno: Errno.EBUSY });
  });

  it("tells when something is unsaved, and when it is saved", async () => {
    const told: boolean[] = [];
    let dirty = 1;
    const memory = memoryWith({ unsaved: () => dirty });
    const { port1, port2 } = new MessageChannel();
    let resolve!: () => void;
    const saved = new Promise<void>((settle) => (resolve = settle));
    const server = new StoreServer(memory, port1, {
      onUnsaved: (unsaved) => {
        told.push(unsaved);
        if (!unsaved) resolve();
      },
    });
    const store = await PortStore.connect(port2, { checkName });
    const entry = await store.root.get("a");
    const file = entry?.kind === "file" ? await entry.file.open(true) : undefined;
    await file!.write(0, [new Uint8Array(1)]);
    expect(told).toEqual([true]);
    dirty = 0;
    await saved;
    expect(told).toEqual([true, false]);
    await server.end();
  });
});

/** A store with an empty file "a" that is other than such a file when it is open. */
function memoryWith(other: Partial<OpenStoreFile>): MemoryStore {
  const memory = new MemoryStore();
  const file = memory.root.createFile("a");
  const open = file.open.bind(file);
  file.open = async (write) => Object.assign(await open(write), other);
  return memory;
}
