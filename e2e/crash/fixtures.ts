import { mkdtemp, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, type Page, test as base, chromium } from "playwright/test";
import { findChromium } from "../../scripts/find-chromium.mjs";
import { withBuiltPage } from "../fixtures/built-page.js";

interface Fixtures {
  /** A Chromium that can be killed, and goes on with what it kept. */
  mortal: MortalBrowser;
}

export const test = base.extend<Fixtures, { crashServer: string }>({
  crashServer: [
    // Playwright reads the fixtures' names from the parameter.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const repository = fileURLToPath(new URL("../..", import.meta.url));
      const configFile = join(repository, "vite.config.ts");
      await withBuiltPage({ configFile, root: import.meta.dirname, publicDir: join(repository, "public") }, use);
    },
    { scope: "worker" },
  ],
  baseURL: async ({ crashServer }, use) => use(crashServer),

  mortal: async ({ headless, baseURL }, use) => {
    const profile = await mkdtemp(join(tmpdir(), "crash-profile-"));
    const browser = new MortalBrowser(profile, headless, baseURL!);
    await use(browser);
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  },
});

/** How a tab ends: by itself, or killed by the system, alone or with the whole browser. */
export type Death = "crash" | "kill" | "kill the browser";

export interface MortalTab {
  readonly page: Page;
  /** Ends when it is dead. */
  readonly kill: (death: Death) => Promise<void>;
}

export class MortalBrowser {
  #context: BrowserContext | undefined;

  constructor(
    private readonly profile: string,
    private readonly headless: boolean,
    private readonly address: string,
  ) {}

  /** A new tab with the page in it, which can call `functions` by their names. */
  async open(functions: Readonly<Record<string, (argument: never) => void>> = {}): Promise<MortalTab> {
    this.#context ??= await this.#launch();
    const context = this.#context;
    const page = await context.newPage();
    for (const [name, run] of Object.entries(functions)) await page.exposeFunction(name, run);
    await page.goto(this.address);
    await page.waitForFunction(() => globalThis.guests !== undefined);
    // Asked for now, so that no time passes when it is to die.
    const session = await context.newCDPSession(page);
    const renderers = await rendererIds(context);
    const kill = async (death: Death): Promise<void> => {
      if (death === "kill the browser") return this.#kill();
      const dead = page.waitForEvent("crash");
      if (death === "kill") for (const id of renderers) killIfThere(id);
      else session.send("Page.crash").catch(() => undefined); // nobody is left to answer
      await dead;
      await page.close();
      // A renderer that was kept to spare would be the next tab's, until the browser has noticed that it is dead too.
      if (death === "kill") while ((await rendererIds(context)).some((id) => renderers.includes(id)));
    };
    return { page, kill };
  }

  async close(): Promise<void> {
    await this.#context?.close();
  }

  async #launch(): Promise<BrowserContext> {
    const executablePath = findChromium();
    return chromium.launchPersistentContext(this.profile, {
      ...(executablePath && { executablePath }),
      headless: this.headless,
    });
  }

  /** With all its processes: it leads their group. */
  async #kill(): Promise<void> {
    const ended = new Promise((resolve) => this.#context!.once("close", resolve));
    const owner = await readlink(join(this.profile, "SingletonLock")); // HOST-PID
    process.kill(-Number(owner.slice(owner.lastIndexOf("-") + 1)), "SIGKILL");
    await ended;
    this.#context = undefined;
  }
}

async function rendererIds(context: BrowserContext): Promise<number[]> {
  const session = await context.browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  return processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
}

/** A renderer that Chromium kept to spare may have ended by itself. */
function killIfThere(processId: number): void {
  try {
    process.kill(processId, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
