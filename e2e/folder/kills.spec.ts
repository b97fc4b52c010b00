import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type BrowserContext, type Page, expect } from "playwright/test";
import { dropOn } from "../fixtures/real-folder.js";
import { Random } from "../../src/fs/testing/random.js";
import { filesOf, test } from "./fixtures.js";
import { Histories, type Operation, operations } from "./operations.js";

const KILLS = Number(process.env["FOLDER_KILLS"] ?? 50);
const SEED = Number(process.env["FOLDER_SEED"] ?? 1);
const OPERATIONS = 60;
/** A tab sees so many kills, the last of which is its own; the others are those of its Worker alone. */
const KILLS_OF_TAB = 10;
/** From the end of the operation that was chosen to the kill, at most. */
const MILLISECONDS = 40;

test("whenever it is killed, the disk has what was fsynced, and disk and browser what was written", async ({
  context,
  baseURL,
  folder,
}) => {
  test.setTimeout(180_000);
  for (let seed = SEED; seed < SEED + KILLS; seed += KILLS_OF_TAB) {
    const page = await openLab(context, baseURL!, folder);
    for (let life = seed; life < Math.min(seed + KILLS_OF_TAB, SEED + KILLS); life++) {
      await test.step(`seed ${life}`, async () => {
        const directory = join(folder, `seed-${life}`);
        await mkdir(directory);
        const random = new Random(life);
        const plan = operations(random, OPERATIONS);
        const ended = await playUntil(page, life, plan, random);
        let next = page;
        if (life === seed + KILLS_OF_TAB - 1) {
          await page.close({ runBeforeUnload: false });
          next = await openLab(context, baseURL!, folder);
        }
        const leftovers = await next.evaluate(async (name) => {
          const root = (await dropped) as FileSystemDirectoryHandle;
          return newFolderLab().takeLeftovers(await root.getDirectoryHandle(name));
        }, `seed-${life}`);
        expect(new Histories(plan, ended).problems(await filesOf(directory), leftovers)).toEqual([]);
        if (next !== page) await next.close();
      });
    }
  }
});

/** A tab with the folder dropped on it. */
async function openLab(context: BrowserContext, address: string, folder: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => globalThis.folderLab !== undefined);
  await dropOn(context, page, [folder]);
  return page;
}

/** Gives how many operations had ended when the Worker was killed. */
async function playUntil(page: Page, life: number, plan: readonly Operation[], random: Random): Promise<number> {
  const last = 1 + random.below(OPERATIONS - 1);
  return page.evaluate(
    async ([name, operations, last, milliseconds]) => {
      const root = (await dropped) as FileSystemDirectoryHandle;
      const lab = newFolderLab();
      await lab.mount(await root.getDirectoryHandle(name));
      let ended = 0;
      await new Promise<void>((resolve, reject) => {
        playing(operations, (count) => {
          ended = count;
          if (count === last) resolve();
        }).catch(reject);
      });
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      killFolderLab();
      return ended;
    },
    [`seed-${life}`, plan, last, random.below(MILLISECONDS)] as const,
  );
}
