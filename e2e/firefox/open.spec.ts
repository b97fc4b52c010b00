import { expect } from "playwright/test";
import { test } from "./fixtures.js";

test("opens and is ready", async ({ firefoxPage }) => {
  const status = () => firefoxPage.$eval('[role="status"]', (element) => element.textContent);
  await expect.poll(status, { timeout: 45_000 }).toContain("ready");
});
