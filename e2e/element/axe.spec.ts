import { axeViolations } from "../fixtures/axe.js";
import { expect, test } from "./fixtures.js";

for (const colorScheme of ["light", "dark"] as const) {
  test(`axe finds nothing wrong with the element, ${colorScheme}`, async ({ page, vm }) => {
    await page.emulateMedia({ colorScheme });
    await page.evaluate(() => {
      document.body.style.background = "Canvas";
      document.querySelector("#here")!.innerHTML =
        `<linux-vm loading="click" share="nonsense" command="ls --color=always /">
          <p slot="poster">A poster</p><button slot="toolbar">A tool</button>
        </linux-vm>`;
    });
    await expect(vm.startButton).toBeVisible();
    expect(await axeViolations(page)).toEqual([]);
    await vm.startButton.click();
    await vm.waitForReady();
    await expect(vm.rows).toContainText("usr");
    await expect(vm.error).toBeVisible();
    expect(await axeViolations(page)).toEqual([]);
    await page.evaluate(() => (element.screenReader = true));
    await expect(vm.host.getByRole("list")).toBeAttached();
    expect(await axeViolations(page)).toEqual([]);
    await page.evaluate(() => element.stop());
    await expect(vm.startButton).toBeVisible();
    expect(await axeViolations(page)).toEqual([]);
  });
}
