import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "playwright/test";
import type { embed as Embed, EmbeddedMachine } from "../../src/embed/index.js";
import { BESIDE_FRAME, acceptDrop, test } from "./fixtures.js";

declare global {
  var embed: typeof Embed;
  var vm2: EmbeddedMachine;
  var droppedFolder: Promise<FileSystemDirectoryHandle>;
}

test.describe("a page of another origin", () => {
  test.beforeEach(async ({ show, site, page }) => {
    await show([`allow=${site.origin}`]);
    await page.evaluate(async () => {
      globalThis.vm2 = await globalThis.embed(document.querySelector("iframe")!);
    });
  });

  test("runs commands, with input, output, exit code and signal", async ({ page }) => {
    const results = await page.evaluate(async () => {
      const { vm2 } = globalThis;
      const abort = new AbortController();
      const sleeping = vm2.exec("sleep 1000", { signal: abort.signal });
      abort.abort();
      return [
        await vm2.exec("echo out; echo err >&2; exit 3"),
        await vm2.exec(["tr", "a-z", "A-Z"], { stdin: "x".repeat(200_000) }).then(({ stdout }) => stdout.length),
        (await vm2.exec("dd if=/dev/zero bs=64k count=64 2>/dev/null")).stdout.length,
        await vm2.exec("pwd; echo $A", { cwd: "/mnt", env: { A: "b" } }),
        await sleeping.catch((error: Error) => error.name),
        await vm2.exec(["/no/such"]).catch((error: { code: string; message: string }) => [error.code, error.message]),
      ];
    });
    expect(results).toEqual([
      { exitCode: 3, stdout: "out\n", stderr: "err\n" },
      200_000,
      4 * 2 ** 20,
      { exitCode: 0, stdout: "/mnt\nb\n", stderr: "" },
      { exitCode: 143, signal: 15, stdout: "", stderr: "" },
      ["start-failed", expect.stringContaining("ENOENT")],
    ]);
  });

  test("shares a directory of its own, live in both directions", async ({ page }) => {
    const found = await page.evaluate(async () => {
      const { vm2 } = globalThis;
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("ours", { create: true });
      const read = async (name: string): Promise<string> => (await (await root.getFileHandle(name)).getFile()).text();
      const write = async (name: string, text: string): Promise<void> => {
        const stream = await (await root.getFileHandle(name, { create: true })).createWritable();
        await stream.write(text);
        await stream.close();
      };
      await write("there.txt", "of the page");
      const share = await vm2.share(root);
      const seen = await vm2.exec(
        "cd /mnt/ours; cat there.txt; echo linux > made.txt; mkdir -p a/b; echo deep > a/b/c; mv a z; rm there.txt",
      );
      await share.flush();
      const made = await read("made.txt");
      const deep = await (await (await root.getDirectoryHandle("z")).getDirectoryHandle("b")).getFileHandle("c");
      await write("later.txt", "later");
      while ((await vm2.exec("test -e /mnt/ours/later.txt")).exitCode !== 0);
      const later = await vm2.exec("cat /mnt/ours/later.txt; ls /mnt/ours");
      const listed = (await share.list("z/b")).map(({ name, size }) => [name, size]);
      const text = await new Response((await share.read("made.txt")).stream).text();
      await share.write("up.txt", "up");
      await share.flush();
      const names: string[] = [];
      for await (const name of root.keys()) names.push(name);
      const { requests } = await share.statistics();
      await share.remove();
      return {
        seen,
        made,
        deep: await (await deep.getFile()).text(),
        later: later.stdout,
        listed,
        text,
        up: await read("up.txt"),
        names: names.sort(),
        asked: requests["LOOKUP"]! > 0,
        shares: vm2.shares.length,
      };
    });
    expect(found).toEqual({
      seen: { exitCode: 0, stdout: "of the page", stderr: "" },
      made: "linux\n",
      deep: "deep\n",
      later: "laterlater.txt\nmade.txt\nz\n",
      listed: [["c", 5]],
      text: "linux\n",
      up: "up",
      names: ["later.txt", "made.txt", "up.txt", "z"],
      asked: true,
      shares: 0,
    });
  });

  test("shares a real folder that was dropped on it", async ({ page, folder, drop }) => {
    await writeFile(join(folder, "real.txt"), "real");
    await acceptDrop(page);
    await drop([folder], BESIDE_FRAME);
    const seen = await page.evaluate(async () => {
      const share = await globalThis.vm2.share(await globalThis.droppedFolder, { tag: "real" });
      const result = await globalThis.vm2.exec("cat /mnt/real/real.txt; echo from linux > /mnt/real/new.txt");
      await share.flush();
      return result.stdout;
    });
    expect(seen).toBe("real");
    expect(await readFile(join(folder, "new.txt"), "utf8")).toBe("from linux\n");
  });

  test("shares files, and has their changes", async ({ page }) => {
    const found = await page.evaluate(async () => {
      const share = await globalThis.vm2.share(
        { files: { "a/b.txt": "text", "c.bin": new Uint8Array([1, 2, 3]) } },
        { tag: "task", access: "copy-on-write" },
      );
      const { stdout } = await globalThis.vm2.exec("cd /mnt/task; cat a/b.txt; echo answer > a/b.txt; wc -c < c.bin");
      const changes = await share.changes();
      const answer = await new Response(share.readChange("a/b.txt")).text();
      return { stdout, changes: changes.map(({ path, kind }) => [path, kind]), answer };
    });
    expect(found).toEqual({ stdout: "text3\n", changes: [["a/b.txt", "changed"]], answer: "answer\n" });
  });

  test("shares a folder of its own as copy-on-write: live to read, and never written to", async ({ page }) => {
    const found = await page.evaluate(async () => {
      const { vm2 } = globalThis;
      const root = await (await navigator.storage.getDirectory()).getDirectoryHandle("ours", { create: true });
      const put = async (name: string, text: string): Promise<void> => {
        const writable = await (await root.getFileHandle(name, { create: true })).createWritable();
        await writable.write(text);
        await writable.close();
      };
      await put("task.txt", "question");
      const share = await vm2.share(root, { access: "copy-on-write" });
      await vm2.exec("cd /mnt/ours; cp task.txt kept; echo answer > task.txt; echo new > made.txt; rm kept");
      await put("later.txt", "later");
      while ((await vm2.exec("test -e /mnt/ours/later.txt")).exitCode !== 0);
      const changes = (await share.changes()).map(({ path, kind }) => [path, kind]);
      const answer = await new Response(share.readChange("task.txt")).text();
      const refused = await share.apply().catch(({ code, message }: Error & { code: string }) => [code, message]);
      await share.flush();
      const { access } = share;
      await share.remove();
      const texts: Record<string, string> = {};
      for await (const [name, handle] of root.entries()) {
        texts[name] = await (await (handle as FileSystemFileHandle).getFile()).text();
      }
      return { access, changes: Object.fromEntries(changes), answer, refused, texts };
    });
    expect(found).toEqual({
      access: "copy-on-write",
      changes: { "made.txt": "added", "task.txt": "changed" },
      answer: "answer\n",
      refused: ["bad-source", "There is no way to write into the folder here: download the changes."],
      texts: { "later.txt": "later", "task.txt": "question" },
    });
  });

  test("has a shell of its own, and hears of the end", async ({ page }) => {
    const events = await page.evaluate(async () => {
      const { vm2 } = globalThis;
      const reader = vm2.console.readable.getReader();
      const writer = vm2.console.writable.getWriter();
      await writer.write(new TextEncoder().encode("echo ou''t\n"));
      let text = "";
      while (!text.includes("\nout")) text += new TextDecoder().decode((await reader.read()).value);
      const heard: unknown[] = [];
      vm2.addEventListener("status", (event) => heard.push((event as CustomEvent<{ status: string }>).detail.status));
      await vm2.stop();
      return [...heard, vm2.status, await vm2.exec("true").catch((error: { code: string }) => error.code)];
    });
    expect(events).toEqual(["stopped", "stopped", "stopped"]);
  });

  for (const [how, end] of [
    ["removed", () => document.querySelector("iframe")!.remove()],
    ["navigated", () => void (document.querySelector("iframe")!.src = "about:blank")],
  ] as const) {
    test(`is told when the frame is ${how}`, async ({ page }) => {
      const waiting = page.evaluate(async () => {
        const { vm2 } = globalThis;
        const running = [vm2.exec("sleep 1000"), vm2.statistics(), vm2.exec("cat", { stdin: new ReadableStream() })];
        const settled = await Promise.allSettled([running[0], running[2]]);
        return settled.map((one) => (one.status === "rejected" ? (one.reason as { code: string }).code : "resolved"));
      });
      await page.waitForFunction(() => globalThis.vm2.status === "ready");
      await page.evaluate(end);
      expect(await waiting).toEqual(["stopped", "stopped"]);
      expect(await page.evaluate(() => globalThis.vm2.status)).toBe("failed");
    });
  }
});
