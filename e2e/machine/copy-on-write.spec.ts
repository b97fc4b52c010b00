import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ChangesPanel } from "../fixtures/changes-panel.js";
import { expect, test } from "./fixtures.js";

test.beforeEach(async ({ folder }) => {
  await writeFile(join(folder, "edited.txt"), "one\ntwo\nthree\n");
  await writeFile(join(folder, "deleted.txt"), "gone soon\n");
  await mkdir(join(folder, "old/deep"), { recursive: true });
  await writeFile(join(folder, "old/deep/file"), "deep\n");
  await writeFile(join(folder, "old/big"), Buffer.alloc(3_000_000, "v86"));
});

const WORK = [
  "cd /mnt/folder",
  "sed -i s/two/2/ edited.txt",
  "echo made > new.txt",
  "rm deleted.txt",
  "mv old renamed",
  "echo more >> renamed/deep/file",
  "mkdir empty",
].join(" && ");
const CHANGES = [
  "deleted deleted.txt",
  "changed edited.txt",
  "added empty",
  "added new.txt",
  "deleted old",
  "deleted old/big",
  "deleted old/deep",
  "deleted old/deep/file",
  "added renamed",
  "added renamed/big",
  "added renamed/deep",
  "added renamed/deep/file",
];
const SEEN = "./edited.txt\n./empty\n./new.txt\n./renamed\n./renamed/big\n./renamed/deep\n./renamed/deep/file\n";

/** Every path below, with what is in the file. */
async function onDisk(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: Record<string, string> = {};
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    found[path.slice(folder.length + 1)] = entry.isFile()
      ? createHash("sha256")
          .update(await readFile(path))
          .digest("hex")
      : "directory";
  }
  return found;
}

test("the disk is as it was until changes are applied, also over a reload", async ({ linux, page, drop, folder }) => {
  const before = await onDisk(folder);
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").access).toHaveText("copy-on-write · no changes");
  await linux.run(WORK);
  await expect(linux.share("folder").access).toHaveText(/copy-on-write · \d+ changes/);
  expect(await linux.run("cd /mnt/folder; find | sort | tail -n +2")).toBe(SEEN);
  await linux.saved("folder");
  expect(await onDisk(folder)).toEqual(before);

  // The folder is remembered with its access, and comes back by itself.
  await page.reload();
  await linux.waitForReady();
  await expect(linux.share("folder").changesButton).toBeVisible();
  expect(await linux.run("cd /mnt/folder; find | sort | tail -n +2; cat edited.txt renamed/deep/file")).toBe(
    `${SEEN}one\n2\nthree\ndeep\nmore\n`,
  );
  const panel = new ChangesPanel(page);
  await linux.share("folder").changesButton.click();
  await expect(panel.rows).toHaveCount(CHANGES.length);
  expect(await panel.names()).toEqual(CHANGES);
  await panel.dialog.getByRole("button", { name: "edited.txt" }).click();
  await expect(panel.dialog.locator("del")).toHaveText("-two\n");
  await expect(panel.dialog.locator("ins")).toHaveText("+2\n");

  await panel.choose("edited.txt");
  await panel.applyButton.click();
  await expect(panel.news).toHaveText("1 applied.");
  const one = await onDisk(folder);
  expect(await readFile(join(folder, "edited.txt"), "utf8")).toBe("one\n2\nthree\n");
  expect({ ...one, "edited.txt": before["edited.txt"] }).toEqual(before);

  await panel.all.check();
  await panel.applyButton.click();
  await expect(panel.news).toContainText("11 applied.");
  await expect(panel.rows).toHaveCount(0);
  const after = await onDisk(folder);
  expect(Object.keys(after).sort()).toEqual(
    SEEN.trim()
      .split("\n")
      .map((path) => path.slice(2)),
  );
  expect(after["renamed/big"]).toBe(before["old/big"]);
  expect(await readFile(join(folder, "renamed/deep/file"), "utf8")).toBe("deep\nmore\n");
  expect(await linux.run("cd /mnt/folder; find | sort | tail -n +2; cat edited.txt renamed/deep/file")).toBe(
    `${SEEN}one\n2\nthree\ndeep\nmore\n`,
  );
  await panel.dialog.getByRole("button", { name: "Close" }).click();
  await expect(linux.share("folder").access).toHaveText("copy-on-write · no changes");
});

test("what was edited outside is left, and the guest's version is kept", async ({ linux, page, drop, folder }) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  await linux.run(WORK);
  await writeFile(join(folder, "edited.txt"), "edited outside\n");
  await writeFile(join(folder, "deleted.txt"), "needed after all\n");
  const { result, told } = await page.evaluate(async () => {
    const told: string[] = [];
    const onProgress = (done: number, total: number): void => void told.push(`${done} of ${total}`);
    return { result: await globalThis.vm!.shares.at(-1)!.apply(undefined, { onProgress }), told };
  });
  const count = result.kept.length + result.applied.length;
  expect(told).toEqual(Array.from({ length: count }, (_, done) => `${done} of ${count}`));
  expect(result.kept.map(({ path }) => path).sort()).toEqual(["deleted.txt", "edited.txt"]);
  expect(await readFile(join(folder, "edited.txt"), "utf8")).toBe("edited outside\n");
  expect(await readFile(join(folder, "deleted.txt"), "utf8")).toBe("needed after all\n");
  expect(await readFile(join(folder, "new.txt"), "utf8")).toBe("made\n");
  expect(await linux.run("cd /mnt/folder; cat edited.txt; ls deleted.txt 2>&1; true")).toMatch(
    /^one\n2\nthree\n.*No such/,
  );
});

test("what the disk does not take is told in words and stays a change, and the rest is applied", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  await linux.run(WORK);
  await chmod(join(folder, "edited.txt"), 0o444);
  const panel = new ChangesPanel(page);
  await linux.share("folder").changesButton.click();
  await panel.applyButton.click();
  await expect(panel.news).toHaveText("11 applied. 1 could not be applied: see why below each.");
  expect(await panel.names()).toEqual(["changed edited.txt"]);
  await expect(panel.rows).toContainText(
    "Not applied: it can only be read, or another program holds it. Make it writable",
  );
  expect(await readFile(join(folder, "edited.txt"), "utf8")).toBe("one\ntwo\nthree\n");
  await expect(linux.share("folder").problem).toBeHidden();
  expect(await page.evaluate(() => globalThis.vm!.leftovers())).toEqual([]);

  await chmod(join(folder, "edited.txt"), 0o644);
  await panel.applyButton.click();
  await expect(panel.news).toHaveText("1 applied.");
  expect(await readFile(join(folder, "edited.txt"), "utf8")).toBe("one\n2\nthree\n");
});

test("discarded changes show the folder's own again", async ({ linux, page, drop, folder }) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  await linux.run(WORK);
  await page.evaluate(() => globalThis.vm!.shares.at(-1)!.discard(["edited.txt", "old", "renamed"]));
  const cat = "cd /mnt/folder; cat edited.txt; cat old/deep/file; find | sort | tail -n +2 | tr '\\n' ' '";
  await expect
    .poll(() => linux.run(cat), { timeout: 4_000 })
    .toBe("one\ntwo\nthree\ndeep\n./edited.txt ./empty ./new.txt ./old ./old/big ./old/deep ./old/deep/file ");
  const panel = new ChangesPanel(page);
  await linux.share("folder").changesButton.click();
  await expect(panel.rows).toHaveCount(3);
  await panel.discardButton.click();
  await panel.discardButton.click();
  await expect(panel.rows).toHaveCount(0);
  expect(await page.evaluate(() => globalThis.vm!.shares.at(-1)!.changes())).toEqual([]);
});

test("the changes are downloaded as a zip", async ({ linux, page, drop, folder, temporary }) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  await linux.run(WORK);
  await page.evaluate(() => Reflect.deleteProperty(window, "showSaveFilePicker"));
  const panel = new ChangesPanel(page);
  await linux.share("folder").changesButton.click();
  const downloading = page.waitForEvent("download");
  await panel.downloadButton.click();
  const zip = join(temporary, "changes.zip");
  await (await downloading).saveAs(zip);
  execFileSync("python3", ["-m", "zipfile", "-e", zip, join(temporary, "unzipped")]);
  const unzipped = join(temporary, "unzipped");
  expect(Object.keys(await onDisk(unzipped)).sort()).toEqual([
    "DELETED.txt",
    ...SEEN.trim()
      .split("\n")
      .map((path) => path.slice(2)),
  ]);
  expect(await readFile(join(unzipped, "DELETED.txt"), "utf8")).toBe(
    "deleted.txt\nold\nold/big\nold/deep\nold/deep/file\n",
  );
  expect(await readFile(join(unzipped, "edited.txt"), "utf8")).toBe("one\n2\nthree\n");
  expect(await readFile(join(unzipped, "renamed/big"))).toEqual(await readFile(join(folder, "old/big")));
});

test("files dropped on it are changes of its own", async ({ linux, page, drop, folder, temporary }) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  const before = await onDisk(folder);
  await linux.share("folder").filesButton.click();
  const panel = page.getByRole("dialog", { name: "Files of “folder”" });
  await expect(panel).toBeVisible();
  await writeFile(join(temporary, "dropped.txt"), "dropped\n");
  const { x, y, width, height } = (await panel.boundingBox())!;
  await drop([join(temporary, "dropped.txt")], { x: x + width / 2, y: y + height / 2 });
  await expect(panel).toContainText("One file was uploaded.");
  expect(await linux.run("cat /mnt/folder/dropped.txt")).toBe("dropped\n");
  expect(await onDisk(folder)).toEqual(before);
  await page.evaluate(() => globalThis.vm!.shares.at(-1)!.apply());
  expect(await readFile(join(folder, "dropped.txt"), "utf8")).toBe("dropped\n");
});

test("a folder's changes have one owner: a second share of it is read-only and says why", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("copy-on-write"));
  await expect(linux.share("folder").changesButton).toBeVisible();
  await linux.shareRemembered();
  await expect
    .poll(() => page.evaluate(() => globalThis.vm!.shares.map(({ tag, access }) => `${tag} ${access}`)))
    .toEqual(["home read-write", "folder copy-on-write", "folder-2 read-only"]);
  await expect(linux.messages).toContainText("It is shared already: read-only here.");
});
