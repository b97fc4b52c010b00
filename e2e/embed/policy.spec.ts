import { expect } from "playwright/test";
import { test } from "../fixtures/real-folder.js";
import { TerminalPage } from "../fixtures/terminal-page.js";

test("the page keeps to its policy, also what it loads later", async ({ page, baseURL }) => {
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  await page.goto(baseURL!);
  const terminal = new TerminalPage(page);
  await terminal.waitForReady();
  await terminal.type("echo ru''ns");
  await terminal.waitForOutput("runs");
  // A colour of no palette is a style of that character.
  await terminal.type(String.raw`printf '\033[38;2;0;0;128mblu''e\n'`);
  const blue = page
    .locator(".xterm-rows > div")
    .filter({ hasText: /^blue$/ })
    .locator("span")
    .first();
  await expect(blue).toHaveCSS("color", "rgb(0, 0, 128)");
  await terminal.share("home").filesButton.click();
  await expect(page.getByRole("dialog")).toBeVisible();
  const policy = page.locator('meta[http-equiv="Content-Security-Policy"]');
  await expect(policy).toHaveAttribute("content", /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-/);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  expect(said.filter((text) => /Content.Security.Policy|Refused to/i.test(text))).toEqual([]);
});
