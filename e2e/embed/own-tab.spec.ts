import { type BrowserContext, type Page, expect } from "playwright/test";
import { type Embedded, test } from "./fixtures.js";

async function openTab(vm: Embedded, context: BrowserContext): Promise<Page> {
  const opened = context.waitForEvent("page");
  await vm.frame.getByRole("button", { name: "Open in its own tab" }).click();
  const tab = await opened;
  await tab.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  return tab;
}

/** The text of the terminal of a tab, without the ends of lines. */
function textOf(tab: Page): Promise<string> {
  return tab.evaluate(() => {
    const { buffer } = globalThis.embedded!.terminal;
    return Array.from({ length: buffer.active.length }, (_, row) =>
      buffer.active.getLine(row)!.translateToString(true),
    ).join("\n");
  });
}

async function type(vm: Embedded, line: string): Promise<void> {
  await vm.frame.locator("body").evaluate((_, text) => globalThis.embedded!.terminal.input(text), `${line}\r`);
}

test("the machine goes on in its own tab: shell, processes, terminal, files", async ({ show, context }) => {
  const [vm] = await show(["load=now&file:a=1&command=true"]);
  await vm!.waitForText("~ #");
  await type(vm!, "cd /mnt/files; kept=yes; echo changed > a; chmod 751 a");
  await type(
    vm!,
    String.raw`printf '\033[1;31mred\033[m plain \303\251 %s\n' done; (while :; do date +%s%N > /tmp/now; sleep 0.1; done) &`,
  );
  await vm!.waitForText("plain é done");
  await type(vm!, "echo first; read -r answer; echo $answer $kept $PWD");
  await vm!.waitForText(/^first$/m);
  const tab = await openTab(vm!, context);
  await expect(vm!.status).toHaveText("Linux went on in its own tab.");
  await expect(vm!.startButton).toBeVisible();
  // What the terminal showed, above and on the screen, with its colours.
  const text = await textOf(tab);
  expect(text).toContain("This is Linux, running in this page.");
  expect(text).toMatch(/^red plain é done$/m);
  expect(text).toMatch(/^first$/m);
  const red = await tab.evaluate(() => {
    const { active } = globalThis.embedded!.terminal.buffer;
    for (let row = 0; row < active.length; row++) {
      const line = active.getLine(row)!;
      if (line.translateToString(true) !== "red plain é done") continue;
      return [0, 4].map((column) => [line.getCell(column)!.isBold() !== 0, line.getCell(column)!.getFgColor()]);
    }
    return undefined;
  });
  expect(red).toEqual([
    [true, 1],
    [false, -1],
  ]);
  // The shell waits for a line: it gets it here.
  await tab.getByRole("textbox", { name: "Terminal input" }).focus();
  await tab.keyboard.type("typed\n");
  await expect.poll(() => textOf(tab)).toMatch(/^typed yes \/mnt\/files$/m);
  // Its line editing and history too.
  await tab.keyboard.press("ArrowUp");
  await expect.poll(() => textOf(tab)).toMatch(/echo first; read -r answer; echo \$answer \$kept \$PWD$/m);
  await tab.keyboard.press("Control+C");
  const exec = (line: string) =>
    tab.evaluate(async (command) => (await globalThis.embedded!.machine.exec(command)).stdout, line);
  expect(await exec("cat /mnt/files/a; stat -c %a /mnt/files/a")).toBe("changed\n751\n");
  await exec("before=$(cat /tmp/now); until [ $(cat /tmp/now) != $before ]; do sleep 0.1; done");
  // As large as the tab's terminal.
  const { columns, rows } = await tab.evaluate(() => {
    const { cols, rows } = globalThis.embedded!.terminal;
    return { columns: cols, rows };
  });
  await tab.keyboard.type("stty size\n");
  await expect.poll(() => textOf(tab)).toContain(`\n${rows} ${columns}\n`);
  // The frame starts anew.
  await vm!.startButton.click();
  await expect.poll(() => vm!.text(), { timeout: 30_000 }).not.toContain("red plain");
  expect(await vm!.run("cat /mnt/files/a")).toBe("1");
});

test("a program on the whole screen goes on in the tab", async ({ show, context }) => {
  const [vm] = await show(["load=now"]);
  await vm!.waitForText("~ #");
  await type(vm!, "seq 1000 > n; vi n");
  await vm!.waitForText(/^1\n2\n3$/m);
  const tab = await openTab(vm!, context);
  await expect.poll(() => textOf(tab)).toMatch(/^1 *\n2 *\n3 *\n/);
  await tab.getByRole("textbox", { name: "Terminal input" }).focus();
  await tab.keyboard.type(":500\n");
  await expect.poll(() => textOf(tab)).toMatch(/^500 *$/m);
  await tab.keyboard.type(":q!\n");
  // Under it is what was there before.
  await expect.poll(() => textOf(tab)).toContain("seq 1000 > n; vi n");
  await tab.keyboard.type("echo $((40+2))\n");
  await expect.poll(() => textOf(tab)).toMatch(/^42$/m);
});

test("where the tab cannot restore the machine it goes on in the frame, and the tab gets the files", async ({
  show,
  context,
}) => {
  const [vm] = await show(["load=now&file:a=1"]);
  await vm!.waitForText("~ #");
  await type(vm!, "kept=yes; echo changed > /mnt/files/a; echo $((40+2))");
  await vm!.waitForText(/^42$/m);
  // As where the tab is of a newer build.
  await context.addInitScript(() => {
    interface Start {
      readonly argumentList?: readonly { readonly value?: { readonly movable?: true | { build: string } } }[];
    }
    globalThis.Worker = class extends Worker {
      override postMessage(message: Start, options?: Transferable[] | StructuredSerializeOptions): void {
        const movable = message.argumentList?.[0]?.value?.movable;
        if (typeof movable === "object") movable.build = "another";
        super.postMessage(message, options as StructuredSerializeOptions);
      }
    };
  });
  const tab = await openTab(vm!, context);
  await expect(tab.getByText("did not come along, its files did. The machine is of another version")).toBeVisible();
  await expect(vm!.frame.getByText("Linux goes on here: The machine is of another version")).toBeVisible();
  const { stdout } = await tab.evaluate(() => globalThis.embedded!.machine.exec("cat /mnt/files/a"));
  expect(stdout).toBe("changed\n");
  await type(vm!, "echo $kept $((41+2))");
  await vm!.waitForText(/^yes 43$/m);
});

test("a tab that is closed while it restores leaves the machine where it was", async ({ show, context }) => {
  const [vm] = await show(["load=now"]);
  await vm!.waitForText("~ #");
  await type(vm!, "kept=yes");
  // It never gets as far.
  await context.addInitScript(() => {
    globalThis.Worker = class extends Worker {
      override postMessage(message: unknown, options?: Transferable[] | StructuredSerializeOptions): void {
        if (location.search === "") super.postMessage(message, options as StructuredSerializeOptions);
      }
    };
  });
  const opened = context.waitForEvent("page");
  await vm!.frame.getByRole("button", { name: "Open in its own tab" }).click();
  const tab = await opened;
  await expect(tab.getByRole("status")).toHaveText(/Taking Linux over/);
  await tab.close();
  await expect(vm!.frame.getByText("Linux goes on here: The new tab was closed.")).toBeVisible();
  await type(vm!, "echo $kept $((40+2))");
  await vm!.waitForText(/^yes 42$/m);
});

/** A folder of the page around the frame: its machine cannot move. */
async function shareFolder(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const vm = await globalThis.embed(document.querySelector("iframe")!);
    const root = await navigator.storage.getDirectory();
    await vm.share(await root.getDirectoryHandle("ours", { create: true }));
  });
}

test("where a folder of the page around is shared the machine stays, and the tab gets the files", async ({
  show,
  page,
  context,
  site,
}) => {
  const [vm] = await show([`load=now&file:a=1&allow=${site.origin}`]);
  await vm!.waitForText("~ #");
  await shareFolder(page);
  const tab = await openTab(vm!, context);
  const why = "The machine cannot move: “ours” at /mnt/ours cannot go along.";
  await expect(vm!.frame.getByText(`Linux goes on here: ${why}`)).toBeVisible();
  await expect(tab.getByText(`The machine of the frame did not come along, its files did. ${why}`)).toBeVisible();
  expect(await vm!.run("cat /mnt/files/a")).toBe("1");
});

test("a tab whose files do not come says so, and starts without them", async ({ show, page, context, site }) => {
  const [vm] = await show([`load=now&file:a=1&allow=${site.origin}`]);
  await vm!.waitForText("~ #");
  await shareFolder(page);
  // The listing never ends: what the tab waits for when its opener is closed.
  await vm!.frame.locator("body").evaluate(() => {
    globalThis.embedded!.machine.shares[0]!.list = () => new Promise(() => {});
  });
  const opened = context.waitForEvent("page");
  await vm!.frame.getByRole("button", { name: "Open in its own tab" }).click();
  const tab = await opened;
  await expect(tab.getByRole("button", { name: "Share a folder…" })).toBeVisible();
  site.put("/other", "<!doctype html><title>Another</title>");
  await page.goto(`${site.origin}/other`); // The frame is gone, and with it the opener.
  const alert = tab.getByRole("alert");
  await expect(alert).toContainText("The machine of the frame did not come along: the page that has it was closed.", {
    timeout: 45_000,
  });
  await tab.getByRole("button", { name: "Start Linux" }).click();
  await tab.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  // As the address has it.
  const { stdout } = await tab.evaluate(() => globalThis.embedded!.machine.exec("cat /mnt/files/a"));
  expect(stdout).toBe("1");
});

test("a tab that nobody opened says that its machine is gone", async ({ page, frameUrl }) => {
  await page.goto(`${frameUrl}?machine=opener#load=click&file:a=1`);
  await expect(page.getByText("The page that has the machine was closed.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start Linux" })).toBeVisible();
});
