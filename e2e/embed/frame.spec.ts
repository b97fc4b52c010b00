import { expect } from "playwright/test";
import { zipSync } from "fflate";
import { pack } from "tar-stream";
import { buffer } from "node:stream/consumers";
import { createGzip } from "node:zlib";
import { Embedded, test } from "./fixtures.js";

test("a frame of another site runs what its address says, once it is seen", async ({ show }) => {
  const [vm] = await show([
    `command=${encodeURIComponent("echo ru''n: $((6*7)) $(cat /mnt/files/src/a.txt)")}&type=typed&theme=dark&fontSize=11&title=Our+shell&file:src/a.txt=from+the+address`,
  ]);
  await vm!.waitForText("run: 42 from the address");
  await vm!.waitForText(/# typed/);
  await expect(vm!.frame.getByRole("main", { name: "Our shell" })).toBeVisible();
  const look = await vm!.frame.locator("body").evaluate((body) => ({
    background: getComputedStyle(body).backgroundColor,
    size: globalThis.embedded!.terminal.options.fontSize,
    cookies: document.cookie,
  }));
  expect(look).toEqual({ background: "rgb(26, 31, 34)", size: 11, cookies: "" });
});

test("nothing of the visitor's storage is used unless the address asks for it", async ({ page, frameUrl }) => {
  await page.goto(`${frameUrl}#load=now&file:a=1`);
  await page.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  const found = await page.evaluate(async () => {
    const { stdout } = await globalThis.embedded!.machine.exec(
      "echo changed > /mnt/files/a; cat /mnt/files/a; ls /mnt",
    );
    const names: string[] = [];
    for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
    return { stdout, names, databases: (await indexedDB.databases()).length, local: localStorage.length };
  });
  expect(found).toEqual({ stdout: "changed\nfiles\n", names: [], databases: 0, local: 0 });
});

test("a directory that the browser keeps is there again", async ({ page, frameUrl }) => {
  await page.goto(`${frameUrl}#load=now&opfs=notes`);
  await page.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  await page.evaluate(() => globalThis.embedded!.machine.exec("echo kept > /mnt/notes/a; sync"));
  await page.reload();
  await page.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  const { stdout } = await page.evaluate(() => globalThis.embedded!.machine.exec("cat /mnt/notes/a"));
  expect(stdout).toBe("kept\n");
});

test("a directory of the browser is refused in words where the browser keeps nothing for frames", async ({ show }) => {
  const [vm] = await show(["load=now&opfs=notes"]);
  await expect(vm!.problems).toContainText("This browser keeps no files for this page", { timeout: 45_000 });
  await expect(vm!.startButton).toBeVisible();
});

for (const [fragment, said] of [
  ["colour=red", "There is no parameter “colour”."],
  ["load=soon", "“load” is one of visible, click, now."],
  ["fontSize=1e9&theme=pink", "“fontSize” is a whole number from 8 to 40. “theme” is one of auto, light, dark."],
  ["allow=*", "“allow” is an origin"],
  ["file:../a=1", "is not a path"],
  [`file:a=${"x".repeat(70_000)}`, "64 KiB at most"],
  ["files=javascript:alert(1)", "“files” is a URL of http or https."],
  ["__proto__=1&constructor=2", "There is no parameter “__proto__”. There is no parameter “constructor”."],
] as const) {
  test(`an address with ${fragment.slice(0, 40)} is refused in words`, async ({ show }) => {
    const [vm] = await show([fragment]);
    await expect(vm!.problems).toContainText(said);
    await expect(vm!.startButton).toBeHidden();
  });
}

test("the visitor cannot type where the address says so, but the commands are", async ({ show, page }) => {
  const [vm] = await show(["readonly=1&command=echo+shown"]);
  await vm!.waitForText(/\nshown\n/);
  await vm!.frame.getByRole("textbox", { name: "Terminal input" }).focus();
  await page.keyboard.type("touch /tmp/typed\n");
  expect(await vm!.run("ls /tmp")).toBe("");
});

test("files come from a zip, a tar.gz and a list of addresses", async ({ show, site }) => {
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const long = `${"d".repeat(90)}/${"f".repeat(90)}.txt`;
  site.put("/files.zip", zipSync({ "a/b.txt": text("in a zip"), "empty/": new Uint8Array() }));
  const tar = pack();
  tar.entry({ name: "a/b.txt" }, "in a tar");
  tar.entry({ name: long }, "long");
  tar.entry({ name: "link", type: "symlink", linkname: "/etc/passwd" });
  tar.finalize();
  site.put("/files.tar.gz", await buffer(tar.pipe(createGzip())));
  site.put("/one", "one by one");
  site.put("/files.json", JSON.stringify({ "a/b.txt": "one" }));
  const frames = await show(["zip", "tar.gz", "json"].map((type) => `load=now&files=${site.origin}/files.${type}`));
  const found: string[] = [];
  for (const vm of frames) {
    await vm.waitForText("~ #");
    found.push(await vm.run("cd /mnt/files; find . -type f | sort | xargs cat; echo; ls"));
  }
  expect(found).toEqual([`in a zip\na\n`, `in a tarlong\na\n${"d".repeat(90)}\n`, "one by one\na\n"]);
});

test("files that cannot be had are told of", async ({ show, site }) => {
  site.put("/closed.zip", zipSync({}), { cors: false });
  site.put("/bad.zip", "not a zip");
  site.put("/out.json", JSON.stringify({ "../../out": "bad.zip" }));
  const names = ["missing.zip", "closed.zip", "bad.zip", "out.json"];
  const frames = await show(names.map((name) => `load=now&files=${site.origin}/${name}`));
  await expect(frames[0]!.problems).toContainText("answered 404");
  await expect(frames[1]!.problems).toContainText("does not allow it by CORS");
  await expect(frames[2]!.problems).toContainText("is no zip, tar.gz, tar or JSON list");
  await expect(frames[3]!.problems).toContainText("leads outside");
});

test("ten frames load nothing until they are seen", async ({ show, page, frameUrl }) => {
  const asked: string[] = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const frames = await show(
    Array.from({ length: 10 }, () => ""),
    { style: "width: 40rem; height: 24rem; margin-top: 200vh" },
  );
  for (const vm of frames) await expect(vm.frame.locator("html[data-theme]")).toBeAttached();
  const folder = new URL(".", frameUrl).pathname;
  expect(asked.filter((path) => /worker|run-|snapshot|wasm|bzImage/.test(path.slice(folder.length)))).toEqual([]);
  await page.locator("iframe").first().scrollIntoViewIfNeeded();
  await frames[0]!.waitForText("~ #");
  expect(asked.filter((path) => /snapshot/.test(path))).toHaveLength(1);
});

test("four run at once; a fifth says so, and starts when one ends", async ({ show }) => {
  const frames = await show(Array.from({ length: 5 }, () => "load=now"));
  const last = frames.map((vm) => vm.status.filter({ hasText: "4 machines run on this page already" }));
  const waiting = async (): Promise<boolean[]> => Promise.all(last.map((status) => status.isVisible()));
  await expect.poll(async () => (await waiting()).filter((waits) => waits).length).toBe(1);
  const late = frames[(await waiting()).indexOf(true)]!;
  const first = frames.find((vm) => vm !== late)!;
  await first.waitForText("~ #");
  await first.frame.locator("body").evaluate(() => globalThis.embedded!.machine.stop());
  await late.waitForText("~ #");
  await expect(first.startButton).toBeVisible();
});

test("a frame that is removed leaves its place to the next", async ({ show, page }) => {
  const frames = await show(Array.from({ length: 5 }, () => "load=now"));
  const waits = frames.map((vm) => vm.status.filter({ hasText: "4 machines run on this page already" }));
  await expect.poll(async () => (await Promise.all(waits.map((one) => one.isVisible()))).includes(true)).toBe(true);
  const visible = await Promise.all(waits.map((one) => one.isVisible()));
  const other = visible.indexOf(false);
  await page
    .locator("iframe")
    .nth(other)
    .evaluate((frame) => frame.remove());
  // Those behind it have moved up.
  const left = visible.indexOf(true) - (visible.indexOf(true) > other ? 1 : 0);
  await new Embedded(page, left).waitForText("~ #");
});

test("the keyboard leaves the terminal", async ({ show, page }) => {
  const [vm] = await show([""]);
  await vm!.waitForText("~ #");
  await vm!.frame.getByRole("textbox", { name: "Terminal input" }).focus();
  await page.keyboard.press("Control+Shift+L");
  await expect(vm!.frame.getByRole("button", { name: "Open in its own tab" })).toBeFocused();
});

test("the same machine opens in its own tab, with the files as Linux has them", async ({ show, context }) => {
  const [vm] = await show(["load=now&file:a=1&command=true"]);
  await vm!.waitForText("~ #");
  await vm!.run("echo changed > /mnt/files/a; mkdir /mnt/files/d; echo new > /mnt/files/d/b");
  const opened = context.waitForEvent("page");
  await vm!.frame.getByRole("button", { name: "Open in its own tab" }).click();
  const tab = await opened;
  await tab.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
  const files = await tab.evaluate(() => globalThis.embedded!.machine.exec("cd /mnt/files; cat a d/b"));
  expect(files.stdout).toBe("changed\nnew\n");
  await expect(tab.getByRole("button", { name: "Share a folder…" })).toBeVisible();
  await expect(vm!.frame.getByRole("button", { name: "Share a folder…" })).toBeHidden();
});

for (const [fragment, said, result] of [
  ["command=true", "The folder is at /mnt/mine, read-only: this address runs commands.", 1],
  ["type=true", "The folder is at /mnt/mine.", 0],
] as const) {
  test(`in its own tab a folder is shared by the visitor (${fragment})`, async ({ page, frameUrl }) => {
    await page.goto(`${frameUrl}#load=now&${fragment}`);
    await page.waitForFunction(() => globalThis.embedded !== undefined, undefined, { timeout: 45_000 });
    await page.evaluate(() => {
      // No dialog can be driven: what it would give.
      window.showDirectoryPicker = async () =>
        (await navigator.storage.getDirectory()).getDirectoryHandle("mine", { create: true });
    });
    await page.getByRole("button", { name: "Share a folder…" }).click();
    await expect(page.getByText(said)).toBeVisible();
    const { exitCode } = await page.evaluate(() => globalThis.embedded!.machine.exec("touch /mnt/mine/new"));
    expect(exitCode).toBe(result);
  });
}

test("links open in a tab that has no way back, whatever Linux says", async ({ show, page, context, site }) => {
  site.put("/linked", "linked");
  const [vm] = await show(["load=now"]);
  await vm!.waitForText("~ #");
  const opened = await vm!.frame.locator("body").evaluate((_, origin) => {
    const calls: unknown[][] = [];
    window.open = (...all) => (calls.push(all), null);
    const handler = globalThis.embedded!.terminal.options.linkHandler!;
    for (const link of [
      `${origin}/linked`,
      "javascript:alert(1)",
      "data:text/html,a",
      "file:///etc/passwd",
      "no link",
    ]) {
      handler.activate(new MouseEvent("click"), link, { start: { x: 1, y: 1 }, end: { x: 1, y: 1 } });
    }
    return calls;
  }, site.origin);
  expect(opened).toEqual([[`${site.origin}/linked`, "_blank", "noopener,noreferrer"]]);
  // Sequences that other terminals obey: window title, clipboard, reports of their content.
  await vm!.run(String.raw`printf '\033]0;title\007\033]52;c;YQ==\007\033[21t\033[?1049h\033[?1049l' > /dev/pts/0`);
  expect(await page.title()).toBe("A page");
  expect(context.pages()).toHaveLength(1);
});

test("it works in a sandbox with its own origin, and says what it lacks without", async ({ show }) => {
  const [vm] = await show(["load=now&file:a=1"], { sandbox: "allow-scripts allow-same-origin" });
  await vm!.waitForText("~ #");
  expect(await vm!.run("cat /mnt/files/a")).toBe("1");
  await vm!.frame.getByRole("button", { name: "Open in its own tab" }).click();
  await expect(vm!.frame.getByText("forbids new tabs")).toBeVisible();
  const [opaque] = await show(["load=now"], { sandbox: "allow-scripts" });
  await expect(opaque!.problems).toContainText("without “allow-same-origin”");
});

test("the frame keeps to its policy", async ({ show, page }) => {
  const said: string[] = [];
  page.on("console", (message) => said.push(message.text()));
  const [vm] = await show(["load=now&command=ls"]);
  await vm!.waitForText("~ #");
  await vm!.run("ls /");
  expect(said.filter((text) => /Content.Security.Policy|Refused/i.test(text))).toEqual([]);
  const blocked = await vm!.frame.locator("body").evaluate(async (body) => {
    const violated = new Promise<string>((resolve) => {
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => resolve(effectiveDirective));
    });
    const script = document.createElement("script");
    script.textContent = "globalThis.injected = true";
    body.append(script);
    return { violated: await violated, injected: "injected" in globalThis };
  });
  expect(blocked).toEqual({ violated: "script-src-elem", injected: false });
});
