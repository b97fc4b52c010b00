import { expect } from "playwright/test";
import { axeViolations } from "../fixtures/axe.js";
import { test } from "./fixtures.js";

for (const colorScheme of ["light", "dark"] as const) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme });

    test("axe finds nothing wrong with the page", async ({ terminalPage, page }) => {
      await terminalPage.open();
      await terminalPage.waitForReady();
      await page.evaluate(() => fakeMachine.shares[0]!.update({ problem: "The disk is full.", unsavedBytes: 7 }));
      await expect(terminalPage.messages).toHaveCount(1);
      expect(await axeViolations(page)).toEqual([]);
    });
  });
}

test.describe("when it does not start", () => {
  test.use({ behaviour: { startError: "/guest/bzImage could not be loaded: the server answered 404." } });

  test("axe finds nothing wrong with the page", async ({ terminalPage, page }) => {
    await terminalPage.open();
    await expect(terminalPage.status).toHaveText("failed");
    expect(await axeViolations(page)).toEqual([]);
  });
});
