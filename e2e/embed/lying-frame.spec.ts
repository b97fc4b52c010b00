import { expect } from "playwright/test";
import { test, withPort } from "./fixtures.js";

/** What a share reports, and what a frame with one answers. */
const SHARE = `{ tag: "t", mountPoint: "/mnt/t", access: "read-write", kind: "memory", name: "t", status: "saved",
  unsavedBytes: 0, unsavedFiles: 0 }`;
const answering = (call: string, value: string): string => `
  port.postMessage({ type: "accepted" });
  port.onmessage = ({ data }) => {
    if (data.call === "start") port.postMessage({ type: "result", id: data.id, value: [${SHARE}] });
    if (data.call === "${call}") port.postMessage({ type: "result", id: data.id, value: ${value} });
  };`;

/** A script of the frame, and what the page asks of it. */
const LIES = {
  "lists what is no entry": [answering("list", `[{ name: "a", kind: "file", size: "large", modified: 0 }]`), "list"],
  "lists an entry with more to it": [
    answering("list", `[{ name: "a", kind: "file", size: 1, modified: 0, then: 1 }]`),
    "list",
  ],
  "lists without end": [answering("list", `Array.from({ length: 1000001 }, () => null)`), "list"],
  "tells of changes that are none": [answering("changes", `[{ path: ["a"], kind: "changed" }]`), "changes"],
  "counts what cannot be counted": [
    answering(
      "statistics",
      `{ tag: "t", requests: { LOOKUP: -1 }, notifications: 0, interrupts: 0, bytesRead: 0, bytesWritten: 0 }`,
    ),
    "statistics",
  ],
  "has unsaved files that are none": [answering("unsaved", `{ length: 1e9 }`), "unsaved"],
  "reads a file of no size": [answering("read", `{ stream: 1, size: -1, modified: 0 }`), "read"],
  "gives too much of a file at once": [answering("readChange", `new Uint8Array(17 << 20)`), "readChange"],
  "applies nothing": [answering("apply", `undefined`), "apply"],
  "fails without words": [
    answering("list", "0").replace(
      /type: "result", id: data.id, value: 0/,
      `type: "error", id: data.id, code: {}, message: [1]`,
    ),
    "list",
  ],
  "tells of shares without end": [
    `${answering("none", "0")}; for (let i = 0; i < 5000; i++) port.postMessage({ type: "shares", shares: [] })`,
    "list",
  ],
  "tells of shares that are none": [
    answering("list", "0").replace(
      /port.postMessage\({ type: "result", id: data.id, value: 0 }\)/,
      `port.postMessage({ type: "shares", shares: [{ tag: "x".repeat(1e6) }] })`,
    ),
    "list",
  ],
  "tells of a progress of nothing": [
    `port.postMessage({ type: "accepted" }); port.postMessage({ type: "progress", progress: { phase: 1 } })`,
    "list",
  ],
  "answers only pongs": [
    `${answering("none", "0")}; for (let i = 0; i < 5000; i++) port.postMessage({ type: "pong" })`,
    "list",
  ],
} as const;

for (const [what, [script, asked]] of Object.entries(LIES)) {
  test(`a frame that ${what} is given up, and the page is told`, async ({ page, showHostile }) => {
    await showHostile(withPort(script));
    const ended = await page.evaluate(async (call) => {
      try {
        const vm = await globalThis.embed(document.querySelector("iframe")!);
        const waiting = vm.exec("true").catch((error: { code: string }) => error.code);
        const [share] = vm.shares;
        const calls = {
          list: () => share!.list(""),
          unsaved: () => share!.unsaved(),
          changes: () => share!.changes(),
          statistics: () => share!.statistics(),
          apply: () => share!.apply(),
          read: () => share!.read("a"),
          readChange: () => share!.readChange("a").getReader().read(),
        };
        const answer = await calls[call]().catch((error: { code: string }) => error.code);
        return [answer, await waiting, vm.status];
      } catch (error) {
        const { code } = error as { code: string };
        return [code, code, "failed"]; // It was given up before it had started.
      }
    }, asked);
    expect(ended).toEqual(["not-allowed", "not-allowed", "failed"]);
  });
}

test("a frame that is ready again and again gets no more ports", async ({ page, site, showHostile }) => {
  await showHostile(`onmessage = () => parent.postMessage({ "v86-virtiofs-embed-1": "ready" }, "${site.origin}")`);
  const why = await page.evaluate(() =>
    globalThis.embed(document.querySelector("iframe")!).catch(({ code, message }) => [code, message]),
  );
  expect(why).toEqual(["not-allowed", "The frame asks again and again."]);
});

test("a host that only waits loads nothing of what runs processes, until its console is read", async ({
  show,
  page,
  site,
}) => {
  await show([`load=now&allow=${site.origin}`]);
  await page.evaluate(async () => {
    globalThis.vm2 = await globalThis.embed(document.querySelector("iframe")!);
  });
  const scripts = (): string[] => site.asked.filter((path) => path.startsWith("/host/"));
  const before = scripts();
  expect(before.filter((path) => path.includes("frame-process"))).toEqual([]);
  // Written to before it is read.
  const text = await page.evaluate(async () => {
    const { readable, writable } = globalThis.vm2.console;
    await writable.getWriter().write(new TextEncoder().encode("echo ou''t\n"));
    const reader = readable.getReader();
    let read = "";
    while (!read.includes("\nout")) read += new TextDecoder().decode((await reader.read()).value);
    return read;
  });
  expect(text).toContain("out");
  expect(scripts().filter((path) => path.includes("frame-process"))).toHaveLength(1);
});
