import { expect } from "playwright/test";
import { ChangesPanel } from "../fixtures/changes-panel.js";
import { lowContrast } from "./contrast.js";
import { test } from "./fixtures.js";

const CHANGES = [
  { path: "blob", kind: "added", type: "file", size: 3, after: "a\0b" },
  { path: "docs", kind: "added", type: "directory", size: 0 },
  { path: "docs/new.md", kind: "added", type: "file", size: 1234, after: "# New\n" },
  { path: "docs/other.md", kind: "added", type: "file", size: 7, after: "# Other\n" },
  { path: "main.c", kind: "changed", type: "file", size: 20, oldSize: 10, before: "a\nb\nc\n", after: "a\nB\nc\n" },
  {
    path: "odd\u202etxt.exe",
    kind: "changed",
    type: "file",
    size: 20,
    oldSize: 6,
    before: "same\r\n",
    after: "same\n\x1b[8m hidden \u202e\u200b",
  },
  { path: "old.txt", kind: "deleted", type: "file", size: 4, before: "old\n" },
] as const;

test.use({ behaviour: { changes: CHANGES, keeps: ["main.c"] } });

test.beforeEach(async ({ terminalPage, page }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const folder = await root.getDirectoryHandle("project", { create: true });
    Reflect.deleteProperty(window, "showSaveFilePicker");
    window.showDirectoryPicker = async () => folder;
  });
  await terminalPage.chooseAccess("copy-on-write");
  await terminalPage.shareButton.click();
  await expect(terminalPage.share("project").access).toHaveText("copy-on-write · 7 changes");
});

test("lists the changes, and applies those that are chosen", async ({ terminalPage, page }) => {
  const panel = new ChangesPanel(page);
  await expect(terminalPage.share("home").changesButton).toBeHidden();
  await terminalPage.share("project").changesButton.click();
  await expect(panel.dialog).toContainText("Nothing is written into the folder until you apply it");
  expect(await panel.names()).toEqual(CHANGES.map(({ kind, path }) => `${kind} ${path.replace("\u202e", "\ufffd")}`));
  await expect(panel.applyButton).toHaveText("Apply 7");
  await panel.box("docs/new.md").uncheck();
  await expect(panel.box("docs")).toHaveJSProperty("indeterminate", true);
  await expect(panel.applyButton).toHaveText("Apply 5");
  await panel.applyButton.click();
  await expect(panel.news).toHaveText("4 applied. 1 could not be applied: see why below each.");
  expect(await panel.names()).toEqual(["added docs", "added docs/new.md", "changed main.c"]);
  await expect(panel.dialog).toContainText("Not applied: it was changed outside.");
});

test("shows what differs in a text, and says what is none", async ({ terminalPage, page }) => {
  const panel = new ChangesPanel(page);
  await terminalPage.share("project").changesButton.click();
  await panel.dialog.getByRole("button", { name: "main.c" }).click();
  await expect(panel.dialog.locator("ins")).toHaveText("+B\n");
  await panel.dialog.getByRole("button", { name: "blob" }).click();
  await expect(panel.dialog).toContainText("Not a text file.");
  await panel.dialog.getByRole("button", { name: "old.txt" }).click();
  await expect(panel.dialog.getByRole("region", { name: "Changes in old.txt" })).toContainText("-old");
});

test("shows what nobody would see: other ends of lines, control characters, and text that turns around", async ({
  terminalPage,
  page,
}) => {
  const panel = new ChangesPanel(page);
  await terminalPage.share("project").changesButton.click();
  await expect(panel.rows).toHaveCount(CHANGES.length);
  await panel.dialog.getByRole("button", { name: "odd\ufffdtxt.exe" }).click();
  const diff = panel.dialog.getByRole("region", { name: "Changes in odd\ufffdtxt.exe" });
  await expect(diff.locator("del")).toHaveText("-same␍\n");
  await expect(diff.locator("ins")).toHaveText(["+same\n", "+␛[8m hidden ⟨202e⟩⟨200b⟩\n"]);
  await expect(diff).toContainText("No newline at end of file");
});

test("discards only when asked twice, and closes with Escape", async ({ terminalPage, page }) => {
  const panel = new ChangesPanel(page);
  const { changesButton } = terminalPage.share("project");
  await changesButton.focus();
  await page.keyboard.press("Enter");
  await panel.discardButton.click();
  await expect(panel.discardButton).toHaveText("Really discard 7?");
  await panel.all.focus();
  await expect(panel.discardButton).toHaveText("Discard");
  await panel.discardButton.click();
  await panel.discardButton.click();
  await expect(panel.news).toHaveText("7 discarded: Linux sees the folder's own again.");
  await expect(panel.rows).toHaveCount(0);
  await page.keyboard.press("Escape");
  await expect(panel.dialog).toHaveCount(0);
  await expect(changesButton).toBeFocused();
});

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("the panel has AA contrast", async ({ terminalPage, page }) => {
      const panel = new ChangesPanel(page);
      await terminalPage.share("project").changesButton.click();
      await panel.dialog.getByRole("button", { name: "main.c" }).click();
      await expect(panel.dialog.locator("ins")).toBeVisible();
      expect(await page.evaluate(lowContrast)).toEqual([]);
    });
  });
}

test.describe("on a phone", () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test("nothing of the panel sticks out", async ({ terminalPage, page }) => {
    const panel = new ChangesPanel(page);
    await terminalPage.share("project").changesButton.tap();
    await panel.dialog.getByRole("button", { name: "main.c" }).tap();
    await expect(panel.dialog.locator("ins")).toBeVisible();
    expect(await panel.dialog.evaluate((dialog) => dialog.scrollWidth - dialog.clientWidth)).toBe(0);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await panel.applyButton.tap();
    await expect(panel.news).toContainText("could not be applied");
    expect(await panel.news.evaluate((news) => news.scrollHeight - news.clientHeight)).toBe(0);
    expect(await panel.news.evaluate((news) => news.scrollWidth - news.clientWidth)).toBe(0);
  });
});

test.describe("without a folder picker", () => {
  test("a copy can be changed and downloaded", async ({ terminalPage, page }) => {
    await page.addInitScript(() => {
      Reflect.deleteProperty(window, "showDirectoryPicker");
      Reflect.deleteProperty(window, "showSaveFilePicker");
    });
    await page.reload();
    await terminalPage.waitForReady();
    await expect(page.getByRole("radio")).toHaveCount(2);
    const choosing = page.waitForEvent("filechooser");
    await terminalPage.shareButton.click();
    await (await choosing).setFiles("e2e/page/fake");
    await terminalPage.share("files").changesButton.click();
    const panel = new ChangesPanel(page);
    await expect(panel.applyButton).toBeHidden();
    await expect(panel.dialog).toContainText("gone when this page is reloaded");
    const downloading = page.waitForEvent("download");
    await panel.downloadButton.click();
    expect((await downloading).suggestedFilename()).toBe("files-changes.zip");
  });
});
