import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Linux, expect, test } from "./fixtures.js";

const FILES = 900;

/** Names of the files below, whatever directory they are in. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
}

test("a directory of the disk that was half renamed when the tab was killed is whole at the next visit", async ({
  linux,
  page,
  context,
  drop,
  folder,
  baseURL,
}) => {
  await mkdir(join(folder, "old/a/b"), { recursive: true });
  const names = Array.from({ length: FILES }, (_, index) => `f${index}`);
  const places = ["old", "old/a", "old/a/b"];
  await Promise.all(
    names.map((name, index) => writeFile(join(folder, places[index % 3]!, name), `content of ${name}`)),
  );
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run("cd /mnt/folder/old && chmod 700 a && chmod 4711 f0 && ln -s f0 link && sync -f .");
  await page.evaluate(() => void globalThis.vm!.exec("mv /mnt/folder/old /mnt/folder/new"));
  await expect.poll(async () => (await filesIn(join(folder, "new"))).length, { intervals: [5] }).toBeGreaterThan(0);
  await page.close({ runBeforeUnload: false });
  // Each file is in one of the trees, when the browser has ended the moves that it was asked for.
  await expect.poll(async () => (await filesIn(folder)).sort()).toEqual(names.toSorted());

  const next = new Linux(await context.newPage());
  await next.page.goto(baseURL!);
  await next.waitForReady();
  await expect(next.share("folder").mountPoint).toBeVisible();
  await expect(next.share("folder").problem).toHaveText("");
  expect(await next.run("cd /mnt/folder && ls && stat -c '%a %n' new/a new/f0 && readlink new/link")).toBe(
    "new\n700 new/a\n4711 new/f0\nf0\n",
  );
  await expect.poll(() => readdir(folder)).toEqual(["new"]);
  for (const [index, name] of names.entries()) {
    const place = places[index % 3]!.replace("old", "new");
    expect(await readFile(join(folder, place, name), "utf8")).toBe(`content of ${name}`);
  }
});
