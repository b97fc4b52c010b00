import { chmod, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { BrowserContext, Locator, Page } from "playwright/test";
import { Linux, expect, test } from "./fixtures.js";

const NAMES = ["changed", "copied", "discarded", "finished"];

/** Writes in Linux what the disk does not take, as the files are read-only there, and kills the tab. */
async function leaveUnsaved(linux: Linux, folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await chmod(join(folder, name), 0o444);
  for (const name of names) await linux.run(`(echo "Linux wrote ${name}" > /mnt/folder/${name}) 2>&1; true`);
  await expect(linux.share("folder").unsaved).toContainText(`${names.length} files`);
  await linux.page.close({ runBeforeUnload: false });
  for (const name of names) {
    expect(await readFile(join(folder, name), "utf8")).toBe(`${name} on the disk\n`);
    await chmod(join(folder, name), 0o644);
  }
}

async function nextVisit(context: BrowserContext, url: string): Promise<Linux> {
  const next = new Linux(await context.newPage());
  await next.page.goto(url);
  await next.waitForReady();
  return next;
}

async function openPanel(page: Page): Promise<Locator> {
  await page.getByRole("button", { name: "Look at them…" }).click();
  return page.getByRole("dialog", { name: "Files that were not saved" });
}

test.beforeEach(async ({ linux, drop, folder }) => {
  for (const name of NAMES) await writeFile(join(folder, name), `${name} on the disk\n`);
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
});

test("what a killed tab did not save is offered, and each decision does what it says", async ({
  linux,
  context,
  folder,
  baseURL,
}) => {
  await leaveUnsaved(linux, folder, NAMES);
  await writeFile(join(folder, "changed"), "the visitor's version\n");

  const next = await nextVisit(context, baseURL!);
  const { page } = next;
  await expect(next.messages).toContainText("4 files of earlier visits were not saved");
  const panel = await openPanel(page);
  await expect(panel.getByRole("listitem")).toHaveCount(4);
  await expect(panel.getByRole("listitem").filter({ hasText: "another version" })).toContainText("changed");
  const saved = page.waitForEvent("download");
  await panel.getByRole("button", { name: "Download: discarded" }).click();
  expect(await readFile(await (await saved).path(), "utf8")).toBe("Linux wrote discarded\n");
  page.on("dialog", (dialog) => void dialog.accept());
  await panel.getByRole("button", { name: "Finish saving: finished" }).click();
  await expect(panel).toContainText("finished is saved.");
  await panel.getByRole("button", { name: "Keep as a copy: copied" }).click();
  await expect(panel).toContainText("copied is saved as copied.recovered-");
  await panel.getByRole("button", { name: "Discard: discarded" }).click();
  await expect(panel).toContainText("discarded is discarded.");
  await panel.getByRole("button", { name: "Finish saving: changed" }).click();
  await expect(panel).toContainText("changed is saved as changed.conflict-");
  await expect(panel.getByRole("button", { name: "Close" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(panel).toBeHidden();
  await expect(next.messages).toHaveCount(0);

  const names = (await readdir(folder)).sort();
  const beside = (start: string): string => names.find((name) => name.startsWith(start))!;
  expect(names).toEqual([
    "changed",
    beside("changed.conflict-"),
    "copied",
    beside("copied.recovered-"),
    "discarded",
    "finished",
  ]);
  expect(await Promise.all(names.map((name) => readFile(join(folder, name), "utf8")))).toEqual([
    "the visitor's version\n",
    "Linux wrote changed\n",
    "copied on the disk\n",
    "Linux wrote copied\n",
    "discarded on the disk\n",
    "Linux wrote finished\n",
  ]);
  await expect.poll(() => next.run("cat /mnt/folder/finished")).toBe("Linux wrote finished\n");

  await page.reload();
  await next.waitForReady();
  expect(await page.evaluate(() => globalThis.vm!.leftovers())).toEqual([]);
});

test("a file that is being written again is not lost beside the one of the visit before", async ({
  linux,
  context,
  folder,
  baseURL,
}) => {
  await leaveUnsaved(linux, folder, ["finished", "copied"]);
  const next = await nextVisit(context, baseURL!);
  await expect(next.messages).toContainText("2 files");
  // Open while the other is finished: its bytes come first.
  await next.page.evaluate(async () => {
    const process = await globalThis.vm!.spawn(
      "exec 3>/mnt/folder/finished; echo newer >&3; echo open; read _; echo last >&3",
    );
    const reader = process.stdout.getReader();
    await reader.read();
    Object.assign(globalThis, { process });
  });
  const savedAs = await next.page.evaluate(async () => {
    const leftovers = await globalThis.vm!.leftovers();
    return leftovers.find(({ path }) => path === "finished")!.finish();
  });
  expect(savedAs).toMatch(/^finished\.conflict-/);
  await next.page.evaluate(async () => {
    const { process } = globalThis as unknown as { process: Awaited<ReturnType<NonNullable<typeof vm>["spawn"]>> };
    await process.stdin.getWriter().close();
    await process.exit;
  });
  await next.saved("folder");
  expect(await readFile(join(folder, "finished"), "utf8")).toBe("newer\nlast\n");
  expect(await readFile(join(folder, savedAs), "utf8")).toBe("Linux wrote finished\n");
});

test("a folder that is gone leaves its files to be downloaded, one that is forgotten takes them along", async ({
  linux,
  context,
  folder,
  baseURL,
}) => {
  await leaveUnsaved(linux, folder, ["finished", "copied"]);
  await rm(folder, { recursive: true });
  const next = await nextVisit(context, baseURL!);
  const panel = await openPanel(next.page);
  await expect(panel.getByText("Its folder is gone from the disk")).toHaveCount(2);
  await expect(panel.getByRole("button", { name: /^Finish/ })).toHaveCount(0);
  await expect(panel.getByRole("button", { name: "Download: finished" })).toBeVisible();
  await panel.getByRole("button", { name: "Close" }).click();
  await expect(next.messages.filter({ hasText: "2 files" })).toBeVisible();
  next.page.on("dialog", (dialog) => void dialog.accept());
  await next.page.getByRole("button", { name: "Forget folder" }).click();
  await expect(next.messages.filter({ hasText: "2 files" })).toHaveCount(0);
  expect(await next.page.evaluate(() => globalThis.vm!.leftovers())).toEqual([]);
});
