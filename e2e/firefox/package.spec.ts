import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, mergeTests } from "playwright/test";
import { bundlers } from "../package/bundlers.js";
import { firstLines, test as packageTest } from "../package/fixtures.js";
import { printedPolicies } from "../package/policies.js";
import { test as firefoxTest } from "./fixtures.js";

const test = mergeTests(packageTest, firefoxTest);

test("the package's first lines and <linux-vm> work from a static host, under the printed policy", async ({
  firefoxPage: page,
  project,
  consumer,
  host,
}) => {
  test.setTimeout(180_000);
  await writeFile(join(project, "main.js"), await firstLines());
  const folder = await bundlers["a plain script"](project, consumer);
  await writeFile(
    join(folder, "element.html"),
    '<!doctype html><title>Page</title><linux-vm command="echo ou&#39;&#39;t"></linux-vm><script type="module" src="./v86-virtiofs/element.js"></script>',
  );
  const [policy] = await printedPolicies("npm");
  const { address } = await host(folder, { headers: { "content-security-policy": policy! } });
  await page.goto(address);
  const text = () => page.$eval("body", (body) => body.textContent);
  await expect.poll(text, { timeout: 45_000 }).toBe("hello\nfrom the page\n");
  await page.goto(`${address}element.html`);
  const rows = () =>
    page.evaluate(() =>
      Array.from(
        document.querySelector("linux-vm")!.shadowRoot!.querySelectorAll(".xterm-rows > div"),
        (row) => row.textContent,
      ).join("\n"),
    );
  await expect.poll(rows, { timeout: 60_000 }).toMatch(/^out$/m);
});
