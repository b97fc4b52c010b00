import { fileURLToPath } from "node:url";
import { axeViolations } from "../fixtures/axe.js";
import { withBuiltPage } from "../fixtures/built-page.js";
import { test as base } from "../fixtures/real-folder.js";
import { LinuxVm, expect } from "./fixtures.js";

const test = base.extend<object, { tutorial: string }>({
  tutorial: [
    // Playwright reads the fixtures' names from the parameter.
    // oxlint-disable-next-line no-empty-pattern
    async ({}, use) => {
      await withBuiltPage({ configFile: fileURLToPath(new URL("tutorial.config.ts", import.meta.url)) }, use);
    },
    { scope: "worker", timeout: 120_000 },
  ],
  baseURL: async ({ tutorial }, use) => use(tutorial),
});

test("the tutorial runs commands beside its text and checks the answer", async ({ page }) => {
  const vm = new LinuxVm(page.locator("linux-vm"));
  const output = (name: string) => page.getByRole("status", { name });
  const check = page.getByRole("button", { name: "Check my answer" });
  await page.getByRole("button", { name: "Run head" }).click();
  await expect(output("Output of head -n 2 planets.txt")).toHaveText("Mercury\nVenus\n");
  await page.getByRole("button", { name: "Run wc -l" }).click();
  await expect(output("Output of wc -l /etc/profile")).toHaveText(/^\d+ \/etc\/profile\n$/);
  await check.click();
  await expect(output("Verdict")).toHaveText("There is no answer.txt in /mnt/lesson yet.");

  await vm.waitForReady();
  await vm.terminal.focus();
  await page.keyboard.type('echo 9 > answer.txt; echo writ""ten');
  await page.keyboard.press("Enter");
  await expect(vm.rows).toContainText("written");
  await check.click();
  await expect(output("Verdict")).toHaveText("Not 9: look at wc -l again.");
  await vm.terminal.focus();
  await page.keyboard.type('wc -l planets.txt > answer.txt; echo do""ne');
  await page.keyboard.press("Enter");
  await expect(vm.rows).toContainText("done");
  await check.click();
  await expect(output("Verdict")).toHaveText("Right!");
  expect(await axeViolations(page)).toEqual([]);
});
