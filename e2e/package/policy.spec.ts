import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Page, expect } from "playwright/test";
import { root } from "../../scripts/npm.mjs";
import { bundlers } from "./bundlers.js";
import { firstLines, test } from "./fixtures.js";

/** The policies of docs/npm.md: that for `start()`. */
async function policies(): Promise<string[]> {
  const text = await readFile(join(root, "docs/npm.md"), "utf8");
  return [...text.matchAll(/^Content-Security-Policy: (.*)$/gm)].map(([, policy]) => policy!);
}

function violations(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (/Content.Security.Policy|Refused to/i.test(message.text())) said.push(message.text());
  });
  return said;
}

test("start() works under the policy that the documentation names", async ({ page, project, consumer, host }) => {
  const [forStart] = await policies();
  await writeFile(join(project, "main.js"), await firstLines());
  const folder = await bundlers["a plain script"](project, consumer);
  const { address } = await host(folder, { headers: { "content-security-policy": forStart! } });
  const said = violations(page);
  await page.goto(address);
  await expect(page.locator("body")).toHaveText("hello from the page", { timeout: 45_000 });
  // The browser asks for an icon by itself.
  expect(said.filter((text) => !text.includes("favicon"))).toEqual([]);
});
