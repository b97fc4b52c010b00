import { LinuxVm, expect, test } from "./fixtures.js";

for (const framework of ["React", "Vue", "Svelte"] as const) {
  test(`${framework}: properties, attributes, events, slots and removal`, async ({ page, baseURL }) => {
    const name = framework.toLowerCase();
    await page.goto(`${baseURL}${name}.html`);
    const vm = new LinuxVm(page.locator("linux-vm"));
    const output = page.locator("output");
    await expect(page.getByText("A poster")).toBeVisible();
    await expect(output).toHaveText("idle");
    await expect(vm.host).toHaveAttribute("font-size", "13");
    await expect(vm.host).not.toHaveAttribute("readonly");
    await vm.startButton.click();
    await expect(output).toHaveText(`ready /mnt/${name} /mnt/docs`, { timeout: 45_000 });
    await expect(vm.rows).toContainText(`from ${framework}`);

    await page.getByRole("button", { name: "Large" }).click();
    await expect(vm.host).toHaveAttribute("font-size", "20");
    await expect(vm.host).toHaveAttribute("readonly");
    await page.getByRole("button", { name: "Large" }).click();
    await expect(vm.host).not.toHaveAttribute("readonly");
    expect(await page.evaluate(() => document.querySelector("linux-vm")!.status)).toBe("ready");

    await page.getByRole("button", { name: "Show" }).click();
    await expect(vm.host).toHaveCount(0);
    const held = () => page.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
    await expect.poll(held).toEqual([]);
    await page.getByRole("button", { name: "Show" }).click();
    await expect(vm.startButton).toBeVisible();
  });
}
