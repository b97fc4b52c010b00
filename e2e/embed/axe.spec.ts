import { type Frame, type Page, expect } from "playwright/test";
import { axeViolations } from "../fixtures/axe.js";
import { test } from "./fixtures.js";

/** The page in frame number `index` of the page. */
function frameAt(page: Page, index: number): Frame {
  return page.mainFrame().childFrames()[index]!;
}

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("axe finds nothing wrong with a frame: poster, loading, running, switched off", async ({ show, page }) => {
      const [vm] = await show(["load=click&title=A+lesson&poster=A+poster&command=ls+--color%3Dalways+/"]);
      await expect(vm!.startButton).toBeVisible();
      const ground = colorScheme === "light" ? "rgb(244, 245, 243)" : "rgb(26, 31, 34)";
      await expect(vm!.frame.locator("body")).toHaveCSS("background-color", ground);
      expect(await axeViolations(frameAt(page, 0))).toEqual([]);

      // It stays at its first step until it has been looked at.
      let goOn!: () => void;
      const looked = new Promise<void>((resolve) => (goOn = resolve));
      await page.route("**/snapshot-*", async (route) => {
        await looked;
        await route.continue();
      });
      await vm!.startButton.click();
      await expect(vm!.frame.getByRole("progressbar")).toBeVisible();
      expect(await axeViolations(frameAt(page, 0))).toEqual([]);
      goOn();

      await vm!.waitForText("usr");
      expect(await axeViolations(frameAt(page, 0))).toEqual([]);
      await vm!.frame.locator("body").evaluate(() => globalThis.embedded!.machine.stop());
      await expect(vm!.startButton).toBeVisible();
      expect(await axeViolations(frameAt(page, 0))).toEqual([]);
    });

    test("axe finds nothing wrong with a frame: wrong address, files that do not come", async ({
      show,
      page,
      site,
    }) => {
      const [wrong, missing] = await show(["colour=red", `load=now&files=${site.origin}/missing.zip`]);
      await expect(wrong!.problems).toContainText("There is no parameter");
      await expect(missing!.problems).toContainText("answered 404");
      expect(await axeViolations(frameAt(page, 0))).toEqual([]);
      expect(await axeViolations(frameAt(page, 1))).toEqual([]);
    });

    test("axe finds nothing wrong with a frame that waits for its place", async ({ show, page }) => {
      const frames = await show(Array.from({ length: 5 }, () => "load=now"));
      const waits = frames.map((vm) => vm.status.filter({ hasText: "4 machines run on this page already" }));
      const visible = (): Promise<boolean[]> => Promise.all(waits.map((one) => one.isVisible()));
      await expect.poll(async () => (await visible()).filter(Boolean).length).toBe(1);
      expect(await axeViolations(frameAt(page, (await visible()).indexOf(true)))).toEqual([]);
    });
  });
}

test("the keyboard goes through a frame and on, in the order of the page", async ({ show, page }) => {
  const [vm] = await show(["load=click&poster=A+poster"]);
  await expect(vm!.startButton).toBeVisible();
  await page.evaluate(() => {
    document.body.prepend(Object.assign(document.createElement("button"), { textContent: "before" }));
    document.body.append(Object.assign(document.createElement("button"), { textContent: "after" }));
  });
  const focused = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement!.textContent || document.activeElement!.localName);
  const inFrame = (): Promise<string | null> =>
    frameAt(page, 0).evaluate(() => (document.hasFocus() ? document.activeElement!.textContent.trim() : null));
  await page.getByRole("button", { name: "before" }).focus();
  await page.keyboard.press("Tab");
  expect(await inFrame()).toBe("Start Linux");
  await page.keyboard.press("Tab");
  expect(await inFrame()).toBe("Open in its own tab");
  await page.keyboard.press("Tab");
  expect(await focused()).toBe("after");
  await page.keyboard.press("Shift+Tab");
  await page.keyboard.press("Shift+Tab");
  expect(await inFrame()).toBe("Start Linux");
  await page.keyboard.press("Enter");
  await vm!.waitForText("~ #");
});
