import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { build } from "esbuild";
import { type FrameLocator, type Page, expect } from "playwright/test";
import { test as base } from "../fixtures/real-folder.js";

/** A site that shows the frame: another origin than the frame's (`localhost`, where the build is at `127.0.0.1`, or the other way). */
export interface Site {
  readonly origin: string;
  /** Paths that were asked for, whoever served them. */
  readonly asked: string[];
  /** Serves a file, with CORS where `cors` is not false. */
  put(path: string, content: string | Uint8Array, options?: { cors?: boolean; type?: string }): void;
}

interface Fixtures {
  /** Where embed.html is. */
  frameUrl: string;
  frameOrigin: string;
  site: Site;
  /** Shows frames in a page of the site, each with the fragment. */
  show: (
    fragments: readonly string[],
    options?: { sandbox?: string; style?: string; query?: string },
  ) => Promise<Embedded[]>;
  /** Shows, in a page of the site, a frame of another origin that runs `script` in the place of ours. */
  showHostile: (script: string) => Promise<void>;
}

/** What a hostile frame runs when the page around it sends it a port. */
export const withPort = (script: string): string =>
  `addEventListener("message", ({ ports: [port] }) => { if (port) { ${script} } })`;

/** A frame as a visitor sees it. */
export class Embedded {
  readonly frame: FrameLocator;

  constructor(
    readonly page: Page,
    readonly index: number,
  ) {
    this.frame = page.frameLocator(`iframe >> nth=${index}`);
  }

  get problems() {
    return this.frame.getByRole("alert");
  }

  get status() {
    return this.frame.getByRole("status");
  }

  get startButton() {
    return this.frame.getByRole("button", { name: /^Start Linux/ });
  }

  /** The terminal's whole text; a wrapped line is one line. "" before there is one. */
  async text(): Promise<string> {
    return this.frame.locator("body").evaluate(() => {
      const { active } = globalThis.embedded?.terminal.buffer ?? {};
      let text = "";
      for (let row = 0; row < (active?.length ?? 0); row++) {
        text += active!.getLine(row)!.translateToString(true);
        if (!(active!.getLine(row + 1)?.isWrapped ?? false)) text += "\n";
      }
      return text.trimEnd();
    });
  }

  async waitForText(expected: string | RegExp): Promise<void> {
    const shown = expect.poll(() => this.text(), { timeout: 30_000 });
    await (typeof expected === "string" ? shown.toContain(expected) : shown.toMatch(expected));
  }

  /** Runs a command in the frame's machine. */
  async run(command: string): Promise<string> {
    return this.frame.locator("body").evaluate(async (_, line) => {
      const { stdout, stderr } = await globalThis.embedded!.machine.exec(line);
      return stdout + stderr;
    }, command);
  }
}

/** The `embed` of the package as a script that sets `globalThis.embed`. */
async function hostScript(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { embed } from "./src/embed/index.js"; globalThis.embed = embed;`,
      resolveDir: resolve(import.meta.dirname, "../.."),
      loader: "ts",
    },
    bundle: true,
    splitting: true,
    format: "esm",
    write: false,
    outdir: "/host",
    logLevel: "error",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path.replace(/^.*\/host\//, "/host/"), contents]));
}

export const test = base.extend<Fixtures, { host: Map<string, Uint8Array> }>({
  host: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads the names of the fixtures from the pattern
    async ({}, use) => use(await hostScript()),
    { scope: "worker" },
  ],

  frameUrl: async ({ baseURL }, use) => use(new URL("embed.html", baseURL).href),
  frameOrigin: async ({ frameUrl }, use) => use(new URL(frameUrl).origin),

  site: async ({ host, frameUrl }, use) => {
    const asked: string[] = [];
    const files = new Map<string, { content: string | Uint8Array; cors: boolean; type: string }>();
    const server: Server = createServer((request, response) => {
      const path = request.url!.split("?")[0]!;
      asked.push(path);
      const file = files.get(path);
      if (!file) return void response.writeHead(404, { "access-control-allow-origin": "*" }).end();
      const headers: Record<string, string> = { "content-type": file.type };
      if (file.cors) headers["access-control-allow-origin"] = "*";
      response.writeHead(200, headers).end(file.content);
    });
    await new Promise<void>((listening) => server.listen(0, listening));
    const { port } = server.address() as AddressInfo;
    const name = new URL(frameUrl).hostname === "localhost" ? "127.0.0.1" : "localhost";
    const put: Site["put"] = (path, content, { cors = true, type = "text/html" } = {}) =>
      void files.set(path, { content, cors, type });
    for (const [path, content] of host) put(path, content, { type: "text/javascript" });
    await use({ origin: `http://${name}:${port}`, asked, put });
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  },

  page: async ({ context }, use) => use(context.pages()[0] ?? (await context.newPage())),

  show: async ({ page, site, frameUrl }, use) => {
    await use(async (fragments, { sandbox, style = "width: 40rem; height: 24rem", query = "" } = {}) => {
      const frames = fragments.map((fragment) => {
        const address = `${frameUrl}${query}#${fragment}`.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
        const attribute = sandbox === undefined ? "" : ` sandbox="${sandbox}"`;
        return `<p><iframe title="Linux" src="${address}" style="${style}"${attribute}></iframe></p>`;
      });
      site.put(
        "/",
        `<!doctype html><title>A page</title>${frames.join("")}<script type="module" src="/host/stdin.js"></script>`,
      );
      await page.goto(`${site.origin}/`);
      return fragments.map((_, index) => new Embedded(page, index));
    });
  },

  showHostile: async ({ page, site }, use) => {
    await use(async (script) => {
      const other = new URL("hostile.html", `${site.origin}/`);
      other.hostname = other.hostname === "localhost" ? "127.0.0.1" : "localhost";
      site.put("/hostile.html", `<script>${script}</script>`);
      site.put(
        "/",
        `<!doctype html><iframe src="${other.href}"></iframe><script type="module" src="/host/stdin.js"></script>`,
      );
      await page.goto(`${site.origin}/`);
    });
  },
});

/** A point of the page, never of the frame in it: where that was a moment ago, the browser may still take it to be. */
export const BESIDE_FRAME = { x: 900, y: 100 };

/** The page takes a folder that is dropped on it, {@link BESIDE_FRAME}: it is `globalThis.droppedFolder`. */
export async function acceptDrop(page: Page): Promise<void> {
  await page.evaluate(() => {
    globalThis.droppedFolder = new Promise((resolve) => {
      addEventListener("dragover", (event) => event.preventDefault());
      addEventListener("drop", (event) => {
        event.preventDefault();
        const item = event.dataTransfer!.items[0]! as DataTransferItem & {
          getAsFileSystemHandle(): Promise<FileSystemDirectoryHandle>;
        };
        resolve(item.getAsFileSystemHandle());
      });
    });
  });
}
