import { expect, test } from "./fixtures.js";

test("exec gives exit code, standard output and standard error apart", async ({ linux, page }) => {
  await linux.waitForReady();
  const results = await page.evaluate(async () => {
    const { vm } = globalThis;
    return [
      await vm!.exec("echo out; echo err >&2; exit 3"),
      await vm!.exec(["printf", "%s|", "a b", "$HOME"]),
      await vm!.exec("pwd; echo $COLOUR", { cwd: "/mnt", env: { COLOUR: "blue" } }),
      await vm!.exec("tr a-z A-Z", { stdin: "from the page" }),
      await vm!.exec("kill -9 $$"),
    ];
  });
  expect(results).toEqual([
    { exitCode: 3, stdout: "out\n", stderr: "err\n" },
    { exitCode: 0, stdout: "a b|$HOME|", stderr: "" },
    { exitCode: 0, stdout: "/mnt\nblue\n", stderr: "" },
    { exitCode: 0, stdout: "FROM THE PAGE", stderr: "" },
    { exitCode: 137, signal: 9, stdout: "", stderr: "" },
  ]);
});

test("exec says why a program cannot be started", async ({ linux, page }) => {
  await linux.waitForReady();
  const failures = await page.evaluate(() =>
    Promise.all([
      globalThis.vm!.exec(["/no/such/program"]).catch((error) => [error.name, error.code, error.message]),
      globalThis
        .vm!.exec("true", { cwd: "/no/such/directory" })
        .catch((error) => [error.name, error.code, error.message]),
    ]),
  );
  for (const failure of failures) {
    expect(failure).toEqual(["MachineError", "start-failed", expect.stringContaining("ENOENT")]);
  }
});

test("exec is aborted by a signal", async ({ linux, page }) => {
  await linux.waitForReady();
  const result = await page.evaluate(async () => {
    const abort = new AbortController();
    const running = globalThis.vm!.exec("echo started > /tmp/started; sleep 1000", { signal: abort.signal });
    while ((await globalThis.vm!.exec("test -e /tmp/started")).exitCode !== 0);
    abort.abort();
    return running;
  });
  expect(result).toMatchObject({ exitCode: 143, signal: 15 });
  expect(await linux.run("ps | grep -c '[s]leep 1000' || true")).toBe("0\n");
});

test("a gigabyte of output streams through without being held", async ({ linux, page }) => {
  test.setTimeout(180_000);
  await linux.waitForReady();
  const { bytes, largest } = await page.evaluate(async () => {
    let bytes = 0;
    let largest = 0;
    const { memory } = performance as unknown as { memory: { usedJSHeapSize: number } }; // Chromium's
    const before = memory.usedJSHeapSize;
    const stdout = new WritableStream<Uint8Array>({
      write(chunk) {
        bytes += chunk.length;
        largest = Math.max(largest, memory.usedJSHeapSize - before);
      },
    });
    await globalThis.vm!.exec("dd if=/dev/zero bs=1M count=1024", { stdout });
    return { bytes, largest };
  });
  expect(bytes).toBe(2 ** 30);
  expect(largest).toBeLessThan(200 * 2 ** 20);
});

test("files of the page are shared read-only", async ({ linux, page }) => {
  await linux.waitForReady();
  const share = await page.evaluate(async () => {
    const files = {
      "readme.txt": "text",
      "deep/er/bytes": new Uint8Array([0, 255, 10]),
      blob: new Blob(["of a blob"]),
    };
    const { tag, mountPoint, access, kind } = await globalThis.vm!.share({ files }, { tag: "docs" });
    return { tag, mountPoint, access, kind };
  });
  expect(share).toEqual({ tag: "docs", mountPoint: "/mnt/docs", access: "read-only", kind: "files" });
  expect(
    await linux.run(
      "cd /mnt/docs && find . -type f | sort && cat readme.txt blob && hexdump -C deep/er/bytes | head -1",
    ),
  ).toMatch(/^\.\/blob\n\.\/deep\/er\/bytes\n\.\/readme\.txt\ntextof a blob00000000 {2}00 ff 0a/);
  expect(await linux.run("(rm /mnt/docs/blob) 2>&1; true")).toContain("Read-only file system");
});

test("a tag that is taken or too long is refused with a message", async ({ linux, page }) => {
  await linux.waitForReady();
  const share = (tag: string) =>
    page.evaluate(
      (tag) => globalThis.vm!.share({ opfs: "other" }, { tag }).catch((error) => [error.code, error.message]),
      tag,
    );
  expect(await share("home")).toEqual(["bad-tag", expect.stringContaining("taken")]);
  expect(await share("x".repeat(37))).toEqual(["bad-tag", expect.stringContaining("37 bytes")]);
});

test("an OPFS directory is there for the page's other code, and for a second share", async ({ linux, page }) => {
  await linux.waitForReady();
  await page.evaluate(() => globalThis.vm!.share({ opfs: "notes/today" }));
  await linux.run("mkdir /mnt/today/sub && echo from linux > /mnt/today/sub/file && sync");
  const text = await page.evaluate(async () => {
    let directory = await navigator.storage.getDirectory();
    for (const name of ["notes", "today", "sub"]) directory = await directory.getDirectoryHandle(name);
    return (await (await directory.getFileHandle("file")).getFile()).text();
  });
  expect(text).toBe("from linux\n");
});

test("statistics count what each share's device does", async ({ linux, page }) => {
  await linux.run("echo twelve bytes > /mnt/home/file && sync && echo 3 > /proc/sys/vm/drop_caches");
  await linux.run("cat /mnt/home/file");
  const [home] = await page.evaluate(() => globalThis.vm!.statistics());
  expect(home).toMatchObject({
    tag: "home",
    requests: { INIT: 1, CREATE: 1, READ: 1 },
    bytesRead: 13,
    bytesWritten: 13,
  });
  expect(home!.notifications).toBeGreaterThan(0);
});

test("stop saves everything and rejects later calls", async ({ linux, page }) => {
  await linux.run("echo last > /mnt/home/last");
  const later = await page.evaluate(async () => {
    await globalThis.vm!.stop();
    return globalThis.vm!.exec("true").catch((error) => error.code);
  });
  expect(later).toBe("stopped");
  await page.reload();
  await linux.waitForReady();
  expect(await linux.run("cat /mnt/home/last")).toBe("last\n");
});

test("a start that is aborted rejects, and its Worker ends", async ({ linux, page }) => {
  await linux.waitForReady();
  const seen = await page.evaluate(async () => {
    const workers = async (): Promise<number> =>
      ((await navigator.locks.query()).held ?? []).filter(({ name }) => name?.startsWith("v86-virtiofs:worker:"))
        .length;
    const machine = globalThis.vm!.constructor as unknown as { start(options: object): Promise<never> };
    const abort = new AbortController();
    const onProgress = (): void => abort.abort();
    const code = await machine
      .start({ memory: 64 * 2 ** 20, onProgress, signal: abort.signal })
      .catch((error) => error.code);
    while ((await workers()) > 1);
    return { code, late: await machine.start({ signal: abort.signal }).catch((error) => error.name) };
  });
  expect(seen).toEqual({ code: "stopped", late: "AbortError" });
});

test("a Worker that is killed rejects every waiting call, and the page offers a new start", async ({ linux, page }) => {
  await linux.run("echo kept > /mnt/home/kept && sync");
  await page.addInitScript(() => {
    const workers: Worker[] = [];
    const { Worker } = globalThis;
    Object.assign(globalThis, {
      workers,
      Worker: class extends Worker {
        constructor(...parameters: ConstructorParameters<typeof Worker>) {
          super(...parameters);
          workers.push(this);
        }
      },
    });
  });
  await page.reload();
  await linux.waitForReady();
  const failed = await page.evaluate(async () => {
    const waiting = globalThis.vm!.exec("sleep 1000").catch((error) => error.code);
    // As when the browser ends it for want of memory: nobody is told.
    (globalThis as unknown as { workers: Worker[] }).workers[0]!.terminate();
    return waiting;
  });
  expect(failed).toBe("stopped");
  await linux.restartButton.click();
  await linux.waitForReady();
  expect(await linux.run("cat /mnt/home/kept")).toBe("kept\n");
});
