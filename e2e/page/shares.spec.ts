import { expect } from "playwright/test";
import type { Page } from "playwright/test";
import { test } from "./fixtures.js";

test.beforeEach(async ({ terminalPage }) => {
  await terminalPage.open();
  await terminalPage.waitForReady();
});

test("shares a picked folder read-write, or read-only where that was chosen", async ({ terminalPage, page }) => {
  await pickerGives(page, "project");
  await terminalPage.shareButton.click();
  const project = terminalPage.share("project");
  await expect(project.access).toHaveText("read and write");
  await expect(project.mountPoint).toHaveText("/mnt/project");
  await expect(page.getByText("“project” is at /mnt/project.")).toBeVisible();

  await pickerGives(page, "photos");
  await terminalPage.chooseAccess("read-only");
  await terminalPage.shareButton.click();
  await expect(terminalPage.share("photos").access).toHaveText("read-only");
  await expect(terminalPage.shareNames).toHaveText(["home", "project", "photos"]);
});

test("a folder that is shared already is told of, not shared again", async ({ terminalPage, page }) => {
  await pickerGives(page, "project");
  await terminalPage.chooseAccess("copy-on-write");
  await terminalPage.shareButton.click();
  await expect(terminalPage.share("project").mountPoint).toHaveText("/mnt/project");
  await terminalPage.chooseAccess("read-write");
  await terminalPage.shareButton.click();
  await expect(terminalPage.messages).toContainText(
    "“project” is shared already: copy-on-write · no changes, at /mnt/project. To share it otherwise, remove that first.",
  );
  await expect(terminalPage.shareNames).toHaveText(["home", "project"]);

  await terminalPage.share("project").removeButton.click();
  await terminalPage.shareButton.click();
  await expect(terminalPage.share("project").access).toHaveText("read and write");
  await expect(terminalPage.messages).toHaveCount(0);
});

test("says only beside the button that the visitor closed the picker, or the browser refused the folder", async ({
  terminalPage,
  page,
}) => {
  await page.evaluate(() => {
    window.showDirectoryPicker = () => Promise.reject(new DOMException("The user aborted a request.", "AbortError"));
  });
  await terminalPage.shareButton.click();
  await expect(page.getByText("No folder was chosen.")).toBeVisible();
  await expect(terminalPage.shareNames).toHaveText(["home"]);
  await expect(terminalPage.messages).toHaveCount(0);
});

test("offers read-only when the browser refuses writing", async ({ terminalPage, page }) => {
  await pickerGives(page, "project", { read: "granted", readwrite: "denied" });
  await terminalPage.shareButton.click();
  await expect(terminalPage.messages).toContainText("did not let this page change its files");
  await page.getByRole("button", { name: "Share it read-only" }).click();
  await expect(terminalPage.share("project").access).toHaveText("read-only");
  await expect(terminalPage.messages).toHaveCount(0);
});

test("a message stays until it is dismissed", async ({ terminalPage, page }) => {
  await pickerGives(page, "project", { read: "denied", readwrite: "denied" });
  await terminalPage.shareButton.click();
  await expect(terminalPage.messages).toContainText("did not let this page see its files");
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(terminalPage.messages).toHaveCount(0);
});

test("shows what is not saved, and warns before the page closes", async ({ terminalPage, page }) => {
  const home = terminalPage.share("home");
  await expect(home.unsaved).toHaveText("saved");
  await page.evaluate(() => {
    const share = fakeMachine.shares[0]!;
    share.unsavedList = [{ path: "a/b.txt", bytes: 1 }];
    share.update({ unsavedBytes: 1, unsavedFiles: 1, status: "saving" });
  });
  await home.unsaved.getByText("saving 1 file (1 byte)").click();
  await expect(home.unsaved.getByRole("listitem")).toHaveText("a/b.txt: 1 byte");
  await terminalPage.terminal.click({ force: true }); // Chromium asks only those who have touched the page.
  const asked = page.waitForEvent("dialog");
  await page.close({ runBeforeUnload: true });
  const dialog = await asked;
  expect(dialog.type()).toBe("beforeunload");
  await dialog.dismiss();

  await page.evaluate(() => fakeMachine.shares[0]!.update({ status: "gone" }));
  await expect(home.unsaved).toContainText("gone: 1 file (1 byte) not saved");
  await page.evaluate(() => fakeMachine.shares[0]!.flush());
  await expect(home.unsaved).toHaveText("saved");
  await page.close({ runBeforeUnload: true });
  await expect.poll(() => page.isClosed()).toBe(true);
});

test("says a share's problem once, for as long as it has it", async ({ terminalPage, page }) => {
  const home = terminalPage.share("home");
  const problem = async (words: string | undefined): Promise<void> => {
    await page.evaluate((problem) => fakeMachine.shares[0]!.update({ problem }), words);
  };
  await problem("The disk is full");
  await expect(terminalPage.messages).toContainText("“home”: The disk is full.");
  await expect(home.problem).toBeHidden();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(terminalPage.messages).toHaveCount(0);
  await expect(home.problem).toBeVisible();
  await expect(home.problem).toHaveText("The disk is full");
  await problem("The disk is gone");
  await expect(terminalPage.messages).toContainText("“home”: The disk is gone.");
  await expect(home.problem).toBeHidden();
  await page.evaluate(() => fakeMachine.shares[0]!.update({ problem: undefined }));
  await expect(home.problem).toHaveText("");
  await expect(terminalPage.messages).toHaveCount(0);
});

test("asks again for a folder whose permission was withdrawn", async ({ terminalPage, page }) => {
  await pickerGives(page, "project");
  await terminalPage.shareButton.click();
  const project = terminalPage.share("project");
  await expect(project.allowButton).toBeHidden();
  await page.evaluate(() => {
    pickedPermission.readwrite = "prompt";
    fakeMachine.shares[1]!.update({ problem: "The browser took back its permission." });
  });
  await project.allowButton.click();
  await expect(project.allowButton).toBeHidden();
});

test("removes a share and keeps the focus in the panel", async ({ terminalPage, page }) => {
  await terminalPage.share("home").removeButton.focus();
  await page.keyboard.press("Enter");
  await expect(terminalPage.shareNames).toHaveCount(0);
  await expect(page.getByText("None mounted.")).toBeVisible();
  await expect(terminalPage.shareButton).toBeFocused();
});

test.describe("a busy share", () => {
  test.use({ behaviour: { removeError: "/mnt/home is in use by: sh (42). End that first." } });

  test("stays, and says who keeps it", async ({ terminalPage }) => {
    await terminalPage.share("home").removeButton.click();
    await expect(terminalPage.messages).toContainText("“home” is still shared: /mnt/home is in use by: sh (42).");
    await expect(terminalPage.share("home").removeButton).toHaveText("Remove");
  });
});

test.describe("a share that fails", () => {
  test.use({ behaviour: { shareError: "it could not be mounted" } });

  test("says why", async ({ terminalPage, page }) => {
    await pickerGives(page, "project");
    await terminalPage.shareButton.click();
    await expect(terminalPage.messages).toHaveText(/“project” could not be shared: it could not be mounted\./);
  });
});

test.describe("home in a second tab", () => {
  test.use({ behaviour: { homeProblem: "Another tab of this browser has it: here it is read-only." } });

  test("is read-only and says so", async ({ terminalPage }) => {
    await expect(terminalPage.share("home").access).toHaveText("read-only");
    await expect(terminalPage.share("home").problem).toContainText("Another tab");
  });
});

type Permissions = Record<"read" | "readwrite", PermissionState>;

declare global {
  var pickedPermission: Permissions;
}

/** The picker cannot be driven in headless Chromium: it gives a directory of OPFS whose permissions are pretended. */
async function pickerGives(
  page: Page,
  name: string,
  permissions: Permissions = { read: "granted", readwrite: "granted" },
): Promise<void> {
  await page.evaluate(
    async ([folder, given]) => {
      globalThis.pickedPermission = given;
      const root = await navigator.storage.getDirectory();
      const directory = await root.getDirectoryHandle(folder, { create: true });
      directory.queryPermission = async ({ mode = "read" } = {}) => globalThis.pickedPermission[mode];
      directory.requestPermission = async ({ mode = "read" } = {}) => {
        if (globalThis.pickedPermission[mode] === "prompt") globalThis.pickedPermission[mode] = "granted";
        return globalThis.pickedPermission[mode];
      };
      window.showDirectoryPicker = async () => directory;
    },
    [name, permissions] as const,
  );
}
