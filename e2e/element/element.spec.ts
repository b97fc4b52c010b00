import { expect, test } from "./fixtures.js";

/** What a machine is made from, wherever a build puts it. */
const LINUX = /\/(snapshot|manifest|bzImage)[^/]*$/;

test.beforeEach(async ({ page }) => {
  await page.waitForFunction(() => customElements.get("linux-vm"));
});

test("innerHTML makes one that starts, types its command, and tells by events", async ({ page, vm }) => {
  await page.evaluate(() => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm share="opfs:demo" command="echo typed > /mnt/demo/typed; echo $((6*7))"></linux-vm>`;
    record(element);
  });
  await vm.waitForReady();
  await expect(vm.rows).toContainText("42");
  // Once, behind the prompt.
  await expect(vm.rows.getByText("echo typed")).toHaveCount(1);
  const result = await page.evaluate(() => element.exec("cat /mnt/demo/typed"));
  expect(result).toEqual({ exitCode: 0, stdout: "typed\n", stderr: "" });
  expect(await page.evaluate(() => seen)).toEqual(["status starting", "share /mnt/demo", "status ready", "ready true"]);
});

test("createElement with shares of any source, and typing", async ({ page, vm }) => {
  await page.evaluate(async () => {
    const made = document.createElement("linux-vm");
    made.shares = [
      { source: { files: { "a.txt": "of the page" } }, tag: "docs" },
      { source: { opfs: "notes" }, mountPoint: "/root/notes" },
    ];
    made.loading = "eager";
    document.querySelector("#here")!.append(made);
    await made.ready;
  });
  await vm.terminal.focus();
  await page.keyboard.type("cat /mnt/docs/a.txt; touch notes/made; ls notes");
  await page.keyboard.press("Enter");
  await expect(vm.rows).toContainText("of the page");
  await expect(vm.rows).toContainText("made");
});

test("lazy: nothing is loaded until it is seen", async ({ page, vm }) => {
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.evaluate(async () => {
    const here = document.querySelector<HTMLElement>("#here")!;
    here.style.paddingTop = "300vh";
    here.innerHTML = `<linux-vm><img slot="poster" alt="A picture of a shell" /></linux-vm>`;
    // What is seen is told within two frames.
    for (let frame = 0; frame < 5; frame++) await new Promise(requestAnimationFrame);
  });
  expect(await page.evaluate(() => element.status)).toBe("idle");
  expect(requests).toEqual([]);
  await vm.host.scrollIntoViewIfNeeded();
  await vm.waitForReady();
  expect(requests.length).toBeGreaterThan(2);
});

test("click: starts when the visitor says so, and gives the terminal the focus", async ({ page, vm }) => {
  await page.evaluate(() => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm loading="click"><p slot="poster">A poster</p><button slot="toolbar">A tool</button></linux-vm>`;
  });
  await expect(page.getByText("A poster")).toBeVisible();
  await expect(page.getByRole("button", { name: "A tool" })).toBeVisible();
  await expect(vm.status).toHaveText("not started");
  await vm.startButton.click();
  await vm.waitForReady();
  await expect(page.getByText("A poster")).toBeHidden();
  await expect(page.getByRole("button", { name: "A tool" })).toBeVisible();
  await expect(vm.terminal).toBeFocused();
});

test("the keyboard goes through it: toolbar, terminal, choices, and on", async ({ page, vm }) => {
  await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm loading="eager"><button slot="toolbar">A tool</button></linux-vm><button>After</button>`;
    await element.ready;
  });
  await page.getByRole("button", { name: "A tool" }).focus();
  await page.keyboard.press("Tab");
  await expect(vm.terminal).toBeFocused();
  await page.keyboard.press("Tab"); // Linux's.
  await expect(vm.terminal).toBeFocused();
  await page.keyboard.press("Control+Shift+L");
  const choice = vm.host.getByRole("checkbox", { name: "Screen reader support" });
  await expect(choice).toBeFocused();
  await page.keyboard.press("Space");
  expect(await page.evaluate(() => element.screenReader)).toBe(true);
  await expect(vm.host.getByRole("list")).toBeAttached();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("button", { name: "After" })).toBeFocused();
});

test("readonly: the command runs, keys do not reach Linux, and Tab goes on", async ({ page, vm }) => {
  await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm loading="eager" readonly command="echo $((40+2))"></linux-vm><button>After</button>`;
    await element.ready;
  });
  await expect(vm.rows).toContainText("42");
  await vm.terminal.focus();
  await page.keyboard.type("touch /tmp/typed");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(vm.terminal).not.toBeFocused();
  await page.evaluate(() => (element.readOnly = false));
  await vm.terminal.focus();
  await page.keyboard.type("echo only $((50+1))");
  await page.keyboard.press("Enter");
  await expect(vm.rows).toContainText("only 51");
  expect(await page.evaluate(() => element.exec("ls /tmp/typed").then(({ exitCode }) => exitCode))).not.toBe(0);
});

test("theme and font size act at once", async ({ page, vm }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML = `<linux-vm loading="eager"></linux-vm>`;
    await element.ready;
  });
  const colors = () =>
    vm.rows.evaluate((rows) => {
      const ground = (rows.getRootNode() as ShadowRoot).querySelector(".xterm-scrollable-element")!;
      return [getComputedStyle(ground).backgroundColor, getComputedStyle(rows).fontSize];
    });
  await expect.poll(colors).toEqual(["rgb(255, 255, 255)", "14px"]);
  await page.evaluate(() => Object.assign(element, { theme: "dark", fontSize: 20 }));
  await expect.poll(colors).toEqual(["rgb(16, 20, 22)", "20px"]);
  await page.evaluate(() => {
    Object.assign(element, { theme: "auto", fontSize: null });
    element.style.setProperty("--linux-vm-background", "rgb(1, 2, 3)");
    element.theme = "light";
  });
  await expect.poll(colors).toEqual(["rgb(1, 2, 3)", "14px"]);
});

test("what cannot be shared is said, and Linux runs", async ({ page, vm }) => {
  await page.evaluate(async () => {
    const made = document.createElement("linux-vm");
    record(made);
    made.share = "nonsense";
    made.shares = [{ source: { opfs: "fine" } }, { source: { opfs: "bad" }, tag: "x".repeat(37) }];
    document.querySelector("#here")!.append(made);
    await made.start();
  });
  await expect(vm.error).toContainText(`“nonsense” could not be shared: the attribute share is not of the form`);
  await expect(vm.error).toContainText("37 bytes");
  expect(await page.evaluate(() => seen.map(String).filter((each) => /^(error|share)/.test(each)))).toEqual([
    expect.stringMatching(/^error bad-source: “nonsense” could not be shared/),
    "share /mnt/fine",
    expect.stringMatching(/^error bad-tag: /),
  ]);
  expect(await page.evaluate(() => element.status)).toBe("ready");
  await vm.host.getByRole("button", { name: "Dismiss" }).click();
  await expect(vm.error).toBeHidden();
});

test("a start that fails says why, and the button starts again", async ({ page, vm }) => {
  await page.route(LINUX, (route) => route.abort());
  const code = await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm loading="click"><a slot="error" href="#help">Help</a></linux-vm>`;
    record(element);
    return element.start().catch((error) => error.code);
  });
  expect(code).toBe("boot-failed");
  await expect(vm.error).toContainText("Linux did not start: ");
  await expect(page.getByRole("link", { name: "Help" })).toBeVisible();
  await expect(vm.status).toHaveText("failed");
  expect(await page.evaluate(() => seen)).toEqual([
    "status starting",
    "status failed",
    expect.stringMatching(/^error boot-failed: Linux did not start/),
  ]);
  await page.unroute(LINUX);
  await vm.startButton.click();
  await vm.waitForReady();
  await expect(vm.error).toBeHidden();
  expect(await page.evaluate(() => element.ready.then((vm) => vm === element.vm))).toBe(true);
});

test("an address that a program prints opens in a new tab", async ({ page, context, vm }) => {
  await context.route("https://example.org/**", (route) => route.fulfill({ body: "Example" }));
  await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML =
      `<linux-vm loading="eager" readonly command="echo https://example.org/$((6*7))."></linux-vm>`;
    await element.ready;
  });
  // With the prompt below it, nothing moves any more.
  await expect(vm.rows).toContainText(/example\.org\/42\.[^]*#/);
  const opened = context.waitForEvent("page");
  const { x, y } = (await vm.rows.getByText("https://example.org/42.").boundingBox())!;
  await page.mouse.move(x + 40, y + 5);
  await page.mouse.click(x + 42, y + 6);
  const tab = await opened;
  expect(tab.url()).toBe("https://example.org/42");
  expect(await tab.evaluate(() => opener)).toBe(null);
});

test("on a phone a row of keys sends what touch keyboards lack", async ({ page, context, vm }) => {
  const phone = await context.newCDPSession(page);
  await phone.send("Emulation.setDeviceMetricsOverride", {
    width: 360,
    height: 740,
    deviceScaleFactor: 2,
    mobile: true,
  });
  await phone.send("Emulation.setTouchEmulationEnabled", { enabled: true });
  await page.evaluate(async () => {
    document.querySelector("#here")!.innerHTML = `<linux-vm loading="eager"></linux-vm>`;
    await element.ready;
  });
  const keys = vm.host.getByRole("toolbar", { name: "Keys" });
  await vm.terminal.focus();
  await page.keyboard.type("cat; echo $((7*6))");
  await page.keyboard.press("Enter");
  await keys.getByRole("button", { name: /^Control/ }).click();
  await page.keyboard.type("d");
  await expect(vm.rows).toContainText("42");
  await keys.getByRole("button", { name: "Up" }).click();
  await expect(vm.rows.getByText("cat; echo")).toHaveCount(2);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await page.evaluate(() => (element.readOnly = true));
  await expect(keys).toBeHidden();
});
