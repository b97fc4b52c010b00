import { expect } from "playwright/test";
import type { Download, Locator, Page } from "playwright/test";
import { lowContrast } from "./contrast.js";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage, page }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
  await page.evaluate(() => {
    delete window.showSaveFilePicker; // A dialog that nothing can drive.
    const { files } = fakeMachine.shares[0]!;
    files.put({ "notes.txt": "remember", "project/src/main.c": "int main;", "photo 10.jpg": "j", "photo 9.jpg": "j" });
    files.link("latest", "project/src");
  });
});

test("shows a share's files, folders first, and walks through them with the keyboard", async ({
  terminalPage,
  page,
}) => {
  const panel = await open(terminalPage.share("home").filesButton);
  await expect(panel.getByRole("rowheader")).toHaveText([
    "project",
    "latest → project/src",
    "notes.txt",
    "photo 9.jpg",
    "photo 10.jpg",
  ]);
  await expect(row(panel, "notes.txt")).toContainText("8 bytes");
  await expect(row(panel, "latest").getByRole("button")).toHaveCount(0);

  await panel.getByRole("button", { name: "Open project" }).press("Enter");
  await expect(panel.getByRole("rowheader")).toHaveText(["src"]);
  await expect(panel.getByRole("button", { name: "project", exact: true })).toBeFocused();
  await panel.getByRole("button", { name: "Open src" }).click();
  await expect(panel.getByRole("rowheader")).toHaveText(["main.c"]);
  await expect(panel.getByRole("navigation", { name: "Folder" }).getByRole("listitem")).toHaveText([
    "home",
    "project",
    "src",
  ]);
  await panel.getByRole("button", { name: "home", exact: true }).press("Enter");
  await expect(row(panel, "notes.txt")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(panel).toHaveCount(0);
  await expect(terminalPage.share("home").filesButton).toBeFocused();
});

test("says what the share's device has done", async ({ terminalPage }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  await panel.getByRole("button", { name: "Statistics" }).click();
  await expect(panel).toContainText(
    "24 requests of Linux (20 LOOKUP, 3 READ, 1 INIT), 2 interrupts; 1.2 kB read, 0 bytes written.",
  );
});

test("downloads a file, and a folder as a zip", async ({ terminalPage, page }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  const file = await downloaded(page, panel.getByRole("button", { name: "Download notes.txt" }));
  expect([file.suggestedFilename(), await content(file)]).toEqual(["notes.txt", "remember"]);
  await expect(panel).toContainText("“notes.txt” was downloaded.");

  const zip = await downloaded(page, panel.getByRole("button", { name: "Download all as zip" }));
  expect([zip.suggestedFilename(), await content(zip)]).toEqual(["home.zip", "a zip"]);
  await expect(panel).toContainText("Not in it, as a zip of files has no links: latest.");
});

test("saves where the visitor says, where the browser asks", async ({ terminalPage, page }) => {
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const handle = await root.getFileHandle("saved", { create: true });
    window.showSaveFilePicker = async ({ suggestedName } = {}) => Object.assign(handle, { suggestedName });
  });
  const panel = await open(terminalPage.share("home").filesButton);
  await panel.getByRole("button", { name: "Download notes.txt" }).click();
  await expect(panel).toContainText("“notes.txt” was downloaded.");
  const saved = await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    return (await (await root.getFileHandle("saved")).getFile()).text();
  });
  expect(saved).toBe("remember");
});

test("uploads into the folder that is shown", async ({ terminalPage, page }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  await panel.getByRole("button", { name: "Open project" }).click();
  await expect(panel.getByRole("rowheader")).toHaveText(["src"]);
  await choose(page, panel, { "new.txt": "new", "other.txt": "other" });
  await expect(panel).toContainText("2 files were uploaded.");
  await expect(panel.getByRole("rowheader")).toHaveText(["src", "new.txt", "other.txt"]);
  expect(await text(page, "project/new.txt")).toBe("new");
});

test("what cannot be uploaded is said, and the rest is uploaded", async ({ terminalPage, page }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  await page.evaluate(() => {
    for (const name of ["a.bin", "b.bin"]) fakeMachine.shares[0]!.files.tooLarge.add(name);
  });
  await choose(page, panel, { "a.bin": "a", "new.txt": "new" });
  await expect(panel).toContainText("“a.bin” does not fit. One file was uploaded.");
  await expect(row(panel, "new.txt")).toBeVisible();
  await choose(page, panel, { "a.bin": "a", "b.bin": "b" });
  await expect(panel).toContainText("“a.bin” does not fit. 1 more failed. 0 files were uploaded.");
});

test("asks about a name that is taken", async ({ terminalPage, page }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  const question = page.getByRole("dialog", { name: "“notes.txt” is there already" });

  await choose(page, panel, { "notes.txt": "cancelled" });
  await question.getByRole("button", { name: "Cancel" }).click();
  await expect(panel).toContainText("Cancelled.");
  await choose(page, panel, { "notes.txt": "second" });
  await question.getByRole("button", { name: "Keep both, as “notes (2).txt”" }).click();
  await expect(row(panel, "notes (2).txt")).toBeVisible();
  expect([await text(page, "notes.txt"), await text(page, "notes (2).txt")]).toEqual(["remember", "second"]);
  await choose(page, panel, { "notes.txt": "third", "photo 9.jpg": "third" });
  await question.getByRole("checkbox").check();
  await question.getByRole("button", { name: "Replace it" }).click();
  await expect(panel).toContainText("2 files were uploaded.");
  expect([await text(page, "notes.txt"), await text(page, "photo 9.jpg")]).toEqual(["third", "third"]);
});

test("an upload that takes long shows how far it is, and is cancelled", async ({ terminalPage, page }) => {
  const panel = await open(terminalPage.share("home").filesButton);
  await page.evaluate(() => void (fakeMachine.shares[0]!.files.held = new Promise(() => {})));
  await choose(page, panel, { "big.bin": "1234" });
  await expect(panel).toContainText("Uploading “big.bin”: 2 bytes of 4 bytes");
  await expect(panel.getByRole("progressbar")).toHaveAttribute("value", "2");
  await panel.getByRole("button", { name: "Cancel" }).click();
  await expect(panel).toContainText("Cancelled.");
  await expect(panel.getByRole("progressbar")).toBeHidden();
  expect(await text(page, "big.bin")).toBeUndefined();
});

test("what is dropped on a share goes into it", async ({ page }) => {
  await drop(page, "dragenter", "body");
  const target = page.getByText("Put into “home”");
  await expect(target).toBeVisible();
  await drop(page, "drop", '.drop-target[data-tag="home"]');
  await expect(page.getByRole("dialog")).toContainText("One file was uploaded.");
  expect(await text(page, "one.txt")).toBe("one");
  await drop(page, "drop", ".files-panel");
  await page.getByRole("button", { name: /^Keep both/ }).click();
  await expect(page.getByRole("dialog")).toContainText("one (2).txt");
});

test("a read-only share takes no uploads, and says so", async ({ terminalPage, page }) => {
  await page.evaluate(() => fakeMachine.shares[0]!.update({ access: "read-only" }));
  const panel = await open(terminalPage.share("home").filesButton);
  await expect(panel).toContainText("Shared read-only: nothing can be put here.");
  await expect(panel.getByRole("button", { name: "Upload files…" })).toBeHidden();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("every text of the panel has AA contrast", async ({ terminalPage, page }) => {
      await page.evaluate(() => void (fakeMachine.shares[0]!.files.held = new Promise(() => {})));
      const panel = await open(terminalPage.share("home").filesButton);
      await choose(page, panel, { "big.bin": "1234" });
      await expect(panel.getByRole("progressbar")).toBeVisible();
      expect(await page.evaluate(lowContrast)).toEqual([]);
      if (process.env["LOOK"]) await page.screenshot({ path: `${process.env["LOOK"]}/files-${colorScheme}.png` });
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("nothing sticks out at the side", async ({ terminalPage, page }) => {
    await page.evaluate(() => fakeMachine.shares[0]!.files.put({ ["a".repeat(200)]: "long" }));
    const panel = await open(terminalPage.share("home").filesButton);
    await expect(row(panel, "notes.txt").getByRole("button")).toBeInViewport();
    const widths = await panel.evaluate((dialog) => [
      dialog.scrollWidth - dialog.clientWidth,
      dialog.clientWidth <= 360,
    ]);
    expect(widths).toEqual([0, true]);
    if (process.env["LOOK"]) await page.screenshot({ path: `${process.env["LOOK"]}/files-phone.png` });
  });
});

async function open(button: Locator): Promise<Locator> {
  await button.click();
  const panel = button.page().getByRole("dialog", { name: "Files of “home”" });
  await expect(panel.getByRole("rowheader").first()).toBeVisible();
  return panel;
}

function row(panel: Locator, name: string): Locator {
  return panel.getByRole("row").filter({ hasText: name });
}

async function downloaded(page: Page, button: Locator): Promise<Download> {
  const download = page.waitForEvent("download");
  await button.click();
  return download;
}

async function content(download: Download): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** As in the browser's dialog for files. */
async function choose(page: Page, panel: Locator, files: Readonly<Record<string, string>>): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await panel.getByRole("button", { name: "Upload files…" }).click();
  const payloads = Object.entries(files).map(([name, text]) => ({ name, mimeType: "", buffer: Buffer.from(text) }));
  await (await chooser).setFiles(payloads);
}

function text(page: Page, path: string): Promise<string | undefined> {
  return page.evaluate((name) => fakeMachine.shares[0]!.files.text(name), path);
}

async function drop(page: Page, type: string, selector: string): Promise<void> {
  await page.locator(selector).evaluate((element, eventType) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["one"], "one.txt"));
    element.dispatchEvent(new DragEvent(eventType, { bubbles: true, cancelable: true, dataTransfer }));
  }, type);
}
