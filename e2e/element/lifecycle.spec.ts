import type { Page } from "playwright/test";
import { LinuxVm, expect, test } from "./fixtures.js";

/** Workers that host a machine, by the locks that they hold while they live. */
function workers(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name?.startsWith("v86-virtiofs:worker:")).length;
  });
}

/** A file in the storage that the browser gives the site. */
function stored(page: Page, directory: string, file: string): Promise<string> {
  return page.evaluate(
    async ([directory, file]) => {
      const root = await navigator.storage.getDirectory();
      const handle = await (await root.getDirectoryHandle(directory)).getFileHandle(file);
      return (await handle.getFile()).text();
    },
    [directory, file] as const,
  );
}

test.beforeEach(async ({ page }) => {
  await page.evaluate(async () => {
    await customElements.whenDefined("linux-vm");
    document.querySelector("#here")!.innerHTML = `<linux-vm share="opfs:demo" loading="eager"></linux-vm>`;
    record(element);
    await element.ready;
  });
});

test("removal saves what Linux wrote and ends the Worker; put back, it starts again", async ({ page, vm }) => {
  expect(await workers(page)).toBe(1);
  await page.evaluate(async () => {
    await element.exec("head -c 3000000 /dev/zero | tr '\\0' z > /mnt/demo/last");
    const { element: removed } = globalThis;
    removed.remove();
    Object.assign(globalThis, { removed });
  });
  await expect.poll(() => workers(page)).toBe(0);
  expect((await stored(page, "demo", "last")).length).toBe(3_000_000);
  expect(
    await page.evaluate(() => (globalThis as unknown as { removed: HTMLElementTagNameMap["linux-vm"] }).removed.vm),
  ).toBe(undefined);
  await page.evaluate(() => {
    const { removed } = globalThis as unknown as { removed: Element };
    document.querySelector("#there")!.append(removed);
  });
  await vm.waitForReady();
  expect(await page.evaluate(async () => (await element.exec("wc -c < /mnt/demo/last")).stdout.trim())).toBe("3000000");
  expect(await workers(page)).toBe(1);
});

test("removed and put back while it still saves, it starts again", async ({ page, vm }) => {
  await page.evaluate(async () => {
    const { element: moved } = globalThis;
    const before = moved.vm;
    await moved.exec("head -c 3000000 /dev/zero > /mnt/demo/last");
    moved.remove();
    await new Promise((resolve) => setTimeout(resolve)); // The next task: that is no move.
    document.querySelector("#there")!.append(moved);
    if ((await moved.ready) === before) throw new Error("the machine is the same");
  });
  await vm.waitForReady();
  expect(await workers(page)).toBe(1);
  expect(await page.evaluate(async () => (await element.exec("wc -c < /mnt/demo/last")).stdout.trim())).toBe("3000000");
  await expect(vm.host.locator(".xterm")).toHaveCount(1);
});

test("moving it, by whatever way, keeps its machine", async ({ page, vm }) => {
  await page.evaluate(() => element.exec("echo kept > /tmp/kept"));
  const kept = await page.evaluate(async () => {
    const { element: moved } = globalThis;
    const { vm } = moved;
    const there = document.querySelector("#there")!;
    const here = document.querySelector("#here")!;
    there.append(moved);
    await new Promise((resolve) => setTimeout(resolve));
    moved.remove();
    await Promise.resolve();
    here.append(moved);
    await new Promise((resolve) => setTimeout(resolve));
    there.moveBefore(moved, null);
    await new Promise((resolve) => setTimeout(resolve));
    return vm === moved.vm && (await moved.exec("cat /tmp/kept")).stdout;
  });
  expect(kept).toBe("kept\n");
  expect(await page.evaluate(() => seen.filter((each) => each !== "share /mnt/demo"))).toEqual([
    "status ready",
    "ready true",
  ]);
  await vm.terminal.focus();
  await page.keyboard.type("echo $((7*8))");
  await page.keyboard.press("Enter");
  await expect(vm.rows).toContainText("56");
});

test("removed while it starts, nothing stays", async ({ page }) => {
  const ready = await page.evaluate(async () => {
    await element.stop();
    const second = document.createElement("linux-vm");
    document.querySelector("#there")!.append(second);
    const starting = second.start();
    const began = performance.now();
    while (
      !performance.getEntriesByType("resource").some((entry) => entry.startTime > began && /worker/.test(entry.name))
    )
      await new Promise(requestAnimationFrame);
    second.remove();
    return starting.catch((error) => error.name);
  });
  expect(ready).toBe("AbortError");
  await expect.poll(() => workers(page)).toBe(0);
});

test("two on a page have a machine and shares of their own", async ({ page }) => {
  const results = await page.evaluate(async () => {
    const second = document.createElement("linux-vm");
    second.share = "opfs:other";
    document.querySelector("#there")!.append(second);
    await second.start();
    await Promise.all([element.exec("echo one > /mnt/demo/it; sync"), second.exec("echo two > /mnt/other/it; sync")]);
    return Promise.all([element, second].map(async (each) => (await each.exec("ls /mnt; cat /mnt/*/it")).stdout));
  });
  expect(results).toEqual(["demo\none\n", "other\ntwo\n"]);
  expect(await workers(page)).toBe(2);
  for (const [index, name] of ["one", "two"].entries()) {
    const vm = new LinuxVm(page.locator("linux-vm").nth(index));
    await vm.terminal.focus();
    await page.keyboard.type(`echo this is ${name}`);
    await page.keyboard.press("Enter");
    await expect(vm.rows.getByText(`this is ${name}`)).toHaveCount(2);
  }
});

test("stop and start by script; a machine that powers off can be started again", async ({ page, vm }) => {
  await page.evaluate(() => element.stop());
  await expect(vm.status).toHaveText("stopped");
  expect(await workers(page)).toBe(0);
  await page.evaluate(() => element.start());
  await vm.waitForReady();
  await vm.terminal.focus();
  await page.keyboard.type("poweroff -f");
  await page.keyboard.press("Enter");
  await expect(vm.status).toHaveText("stopped");
  await expect(vm.host.getByText("Linux is switched off")).toBeVisible();
  await expect(vm.startButton).toBeFocused();
  await page.keyboard.press("Enter");
  await vm.waitForReady();
  await expect(vm.terminal).toBeFocused();
});

test("a Worker that is killed is told, and the button starts again", async ({ page, vm }) => {
  await page.evaluate(async () => {
    const { Worker } = globalThis;
    const workers: Worker[] = [];
    globalThis.Worker = class extends Worker {
      constructor(...parameters: ConstructorParameters<typeof Worker>) {
        super(...parameters);
        workers.push(this);
      }
    };
    await element.stop();
    await element.start();
    seen.length = 0;
    const waiting = element.exec("sleep 1000").catch((error) => seen.push(`exec ${error.code}`));
    // As when the browser ends it for want of memory: nobody is told.
    workers[0]!.terminate();
    await waiting;
  });
  await expect(vm.status).toHaveText("failed");
  await expect(vm.error).toContainText("Linux has stopped: The machine's Worker has ended unexpectedly.");
  expect(await page.evaluate(() => [element.vm, ...seen.map(String).toSorted()])).toEqual([
    undefined,
    expect.stringMatching(/^error stopped: Linux has stopped: /),
    "exec stopped",
    "status failed",
  ]);
  await vm.startButton.click();
  await vm.waitForReady();
  expect(await workers(page)).toBe(1);
});

test("without a document it does not start", async ({ page }) => {
  const name = await page.evaluate(() =>
    document
      .createElement("linux-vm")
      .start()
      .catch((error) => error.name),
  );
  expect(name).toBe("InvalidStateError");
});
