import type { Page } from "playwright/test";
import type { Linux } from "../machine/fixtures.js";
import type { LongestPause, Pauses } from "./fixtures.js";

export interface Listing {
  readonly of: string;
  readonly entries: number;
  /** Each entry's share of the time, in milliseconds. */
  readonly each: number;
  readonly longest: LongestPause;
}

/** With attributes: OPFS has to be asked for each file the first time. */
const COMMAND = "ls -l | tail -n +2 | sort -u | wc -l";
const DROP = "echo 3 > /proc/sys/vm/drop_caches";
const LISTINGS = { first: COMMAND, second: COMMAND, "after the caches were dropped": `${DROP}; ${COMMAND}` };

/** Makes files in OPFS without the guest, and lists them in the guest. */
export async function listDirectory(linux: Linux, page: Page, pauses: Pauses, entries: number): Promise<Listing[]> {
  const tag = `with-${entries}`;
  await makeFiles(page, tag, entries);
  await page.evaluate((tag) => globalThis.vm!.share({ opfs: tag }, { tag }), tag);
  const listings: Listing[] = [];
  for (const [of, command] of Object.entries(LISTINGS)) {
    const start = performance.now();
    const longest = await pauses.longestDuring(async () => {
      const listed = Number(await linux.run(`cd /mnt/${tag} && ${command}`));
      if (listed !== entries) throw new Error(`${listed} entries were listed, not ${entries}.`);
    });
    listings.push({ of, entries, each: (performance.now() - start) / entries, longest });
  }
  await page.evaluate((tag) => globalThis.vm!.shares.find((share) => share.tag === tag)!.remove(), tag);
  return listings;
}

export function inWords({ of, entries, each, longest }: Listing): string {
  const pauses = `longest task of the page ${longest.page.toFixed(0)} ms, turn of the Worker ${longest.worker.toFixed(0)} ms`;
  return `${entries} entries, ${of}: ${each.toFixed(2)} ms each; ${pauses}`;
}

async function makeFiles(page: Page, directory: string, count: number): Promise<void> {
  await page.evaluate(
    async ([directory, count]) => {
      const root = await navigator.storage.getDirectory();
      const parent = await root.getDirectoryHandle(directory, { create: true });
      let next = 0;
      const lane = async (): Promise<void> => {
        while (next < count) await parent.getFileHandle(`file-${String(next++).padStart(11, "0")}`, { create: true });
      };
      await Promise.all(Array.from({ length: 16 }, lane));
    },
    [directory, count] as const,
  );
}
