import { type Page, expect } from "playwright/test";
import { test } from "../fixtures/real-folder.js";

/** Workers that the page starts, in their order. */
async function watchWorkers(page: Page): Promise<void> {
  await page.addInitScript(() => {
    globalThis.started = [];
    globalThis.Worker = class extends Worker {
      constructor(address: string | URL, options?: WorkerOptions) {
        super(address, options);
        globalThis.started.push({ worker: this, name: options?.name ?? "" });
      }
    };
  });
}

const startedWorkers = (page: Page) =>
  page.evaluate(() => globalThis.started.map(({ name }) => ({ name: name.split(" ")[0], assets: name.split(" ")[1] })));

test("the Worker that runs is the one that the page started before its script", async ({ context, baseURL }) => {
  const page = await context.newPage();
  await watchWorkers(page);
  let early = 0;
  // The page's own script comes late.
  await page.route("**/assets/page-*.js", async (route) => {
    early = await page.evaluate(() => globalThis.started.length);
    await route.continue();
  });
  await page.goto(baseURL!);
  await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  expect(early).toBe(1);
  expect(await startedWorkers(page)).toEqual([
    { name: expect.stringMatching(/^v86-virtiofs:worker:/), assets: new URL("guest/", baseURL).href },
  ]);
  expect(await page.evaluate(() => globalThis.earlyWorker)).toBeUndefined();
  const { stdout } = await page.evaluate(() => globalThis.vm!.exec("echo runs"));
  expect(stdout).toBe("runs\n");
  // It is the one: when it ends, so does the machine.
  const failed = page.evaluate(() => globalThis.vm!.exec("sleep 1000").catch(({ code }: { code: string }) => code));
  await page.evaluate(() => globalThis.started[0]!.worker.terminate());
  expect(await failed).toBe("stopped");
});

test("another machine of the page has another Worker", async ({ context, baseURL }) => {
  const page = await context.newPage();
  await watchWorkers(page);
  await page.goto(baseURL!);
  await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  await page.evaluate(() => globalThis.started[0]!.worker.terminate());
  await page.getByRole("button", { name: "Start Linux again" }).click();
  await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  const [first, second, ...more] = await startedWorkers(page);
  expect(more).toEqual([]);
  expect(second!.name).not.toBe(first!.name);
});

test("an address that asks for another machine is not given the early snapshot", async ({ context, baseURL }) => {
  const page = await context.newPage();
  await watchWorkers(page);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname.split("/").at(-1)!));
  await page.goto(`${baseURL}?root=opfs:none`);
  await expect.poll(() => page.evaluate(() => globalThis.earlyWorker === undefined)).toBe(true);
  const [worker] = await startedWorkers(page);
  expect(worker!.assets).toBeUndefined();
  expect(asked.filter((name) => name.startsWith("snapshot"))).toEqual([]);
});

test("an early Worker that does not load is told of", async ({ context, baseURL }) => {
  const page = await context.newPage();
  let failed!: () => void;
  const workerFailed = new Promise<void>((resolve) => (failed = resolve));
  await page.exposeFunction("workerFailed", () => failed());
  await page.addInitScript(() => {
    globalThis.Worker = class extends Worker {
      constructor(address: string | URL, options?: WorkerOptions) {
        super(address, options);
        this.addEventListener("error", () => (globalThis as unknown as { workerFailed(): void }).workerFailed());
      }
    };
  });
  await page.route("**/assets/worker-*.js", (route) => route.fulfill({ status: 404 }));
  // The error is there before the script that adopts the Worker.
  await page.route("**/assets/page-*.js", async (route) => {
    await workerFailed;
    await route.continue();
  });
  await page.goto(baseURL!);
  await expect(page.getByRole("alert")).toContainText("The machine's Worker failed: it did not load.");
});

declare global {
  var started: { readonly worker: Worker; readonly name: string }[];
}
