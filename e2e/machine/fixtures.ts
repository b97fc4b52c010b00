import { expect } from "playwright/test";
import { test as realFolder } from "../fixtures/real-folder.js";
import { TerminalPage } from "../fixtures/terminal-page.js";

export { expect };

/** The built page with a real machine in it, ready, and a real folder on the disk. */
export const test = realFolder.extend<{ linux: Linux }>({
  linux: async ({ page }, use) => {
    const linux = new Linux(page);
    await linux.waitForReady();
    await use(linux);
  },
});

/** The page, with a way to run commands beside the terminal. */
export class Linux extends TerminalPage {
  /** Standard output of a command line; another exit code than 0 is an error. */
  async run(commandLine: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.page.evaluate((line) => globalThis.vm!.exec(line), commandLine);
    if (exitCode !== 0) throw new Error(`${commandLine}\nexit code ${exitCode}: ${stderr}${stdout}`);
    return stdout;
  }

  /** Shares the folder that the browser remembers through the API, as a script of the page may. */
  async shareRemembered(): Promise<void> {
    await this.page.evaluate(async () => {
      const [entry] = await new Promise<{ handle: FileSystemDirectoryHandle }[]>((resolve, reject) => {
        const opening = indexedDB.open("v86-virtiofs");
        opening.addEventListener("error", () => reject(opening.error!));
        opening.addEventListener("success", () => {
          const request = opening.result.transaction("folders").objectStore("folders").getAll();
          request.addEventListener("success", () => resolve(request.result as { handle: FileSystemDirectoryHandle }[]));
          opening.result.close();
        });
      });
      await globalThis.vm!.share(entry!.handle);
    });
  }

  /** Everything that the guest wrote is in the stores. */
  async saved(tag: string): Promise<void> {
    await this.page.evaluate((name) => globalThis.vm!.shares.find((share) => share.tag === name)!.flush(), tag);
  }
}
