import { expect } from "playwright/test";
import { test } from "../fixtures/real-folder.js";

for (const [file, answer, why] of [
  ["bzImage", { status: 404 }, "404"],
  ["initramfs.img", { body: "<!doctype html>" }, "15 bytes"],
  ["manifest.json", { body: "<!doctype html>" }, "not the list of images"],
] as const) {
  test(`an image that does not load is named: ${file}, ${why}`, async ({ context, baseURL }) => {
    const page = await context.newPage();
    await page.route(`**/guest/${file}`, (route) => route.fulfill(answer));
    await page.goto(baseURL!);
    const message = page.getByRole("alert");
    await expect(message).toContainText(file);
    await expect(message).toContainText(why);
  });
}
