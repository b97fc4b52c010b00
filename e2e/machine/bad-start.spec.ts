import { expect } from "playwright/test";
import { test } from "../fixtures/real-folder.js";

for (const [file, answer, why] of [
  ["bzImage", { status: 404 }, "404"],
  ["initramfs.img", { body: "<!doctype html>" }, "15 bytes"],
  ["manifest.json", { body: "<!doctype html>" }, "not the list of images"],
] as const) {
  test(`an image that does not load is named: ${file}, ${why}`, async ({ context, baseURL }) => {
    const page = await context.newPage();
    // Else none of them is asked for.
    await page.route("**/guest/snapshot-*", (route) => route.fulfill({ status: 404 }));
    await page.route(`**/guest/${file}`, (route) => route.fulfill(answer));
    await page.goto(baseURL!);
    const message = page.getByRole("alert");
    await expect(message).toContainText(file);
    await expect(message).toContainText(why);
  });
}

for (const [what, damage] of [
  ["is missing", () => ({ status: 404 })],
  ["is another file", () => ({ body: "<!doctype html>" })],
  ["is damaged", (body: Buffer) => ({ body: Buffer.from(body.fill(0, body.length >> 1)) })],
  ["is cut off", (body: Buffer) => ({ body: body.subarray(0, body.length >> 1) })],
] as const) {
  test(`Linux boots where its snapshot ${what}`, async ({ context, baseURL }) => {
    const page = await context.newPage();
    const images: string[] = [];
    page.on("request", (request) => images.push(new URL(request.url()).pathname.split("/").at(-1)!));
    await page.route("**/guest/snapshot-*", async (route) => {
      const body = await (await route.fetch()).body();
      await route.fulfill({ contentType: "application/octet-stream", ...damage(body) });
    });
    await page.goto(baseURL!);
    await expect(page.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
    expect(images).toContain("bzImage");
    expect(await page.evaluate(() => globalThis.vm!.exec("uname"))).toMatchObject({ exitCode: 0, stdout: "Linux\n" });
  });
}
