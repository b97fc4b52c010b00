import { expect, test } from "./fixtures.js";

test("the page opens into a shell, with a directory that is kept", async ({ linux, page }) => {
  await expect(linux.share("home").mountPoint).toHaveText("/mnt/home");
  await linux.type("echo written in $(pwd) > /mnt/home/note; cat /mnt/home/note");
  await linux.waitForOutput("written in /root");

  await page.reload();
  await linux.waitForReady();
  await linux.type("cat /mnt/home/note");
  await linux.waitForOutput("written in /root");
});

test("modes, times and symbolic links are kept over a reload", async ({ linux, page }) => {
  await linux.run(
    "cd /mnt/home && mkdir d && echo 'echo it runs' > d/tool && chmod 750 d/tool && touch -d '2001-02-03 04:05:06' d/tool && ln -s d/tool link && mv d e && sync",
  );
  await page.reload();
  await linux.waitForReady();
  expect(await linux.run("cd /mnt/home && stat -c '%A %y' e/tool && readlink link && e/tool && sync")).toBe(
    "-rwxr-x--- 2001-02-03 04:05:06.000000000 +0000\nd/tool\nit runs\n",
  );
});

test("what was written is kept also when the tab is closed at once", async ({ linux, page, context, baseURL }) => {
  await linux.run("cd /mnt/home && head -c 200000 /dev/urandom > random && sha256sum random > sum && sync");
  await page.close({ runBeforeUnload: false });
  const again = await context.newPage();
  await again.goto(baseURL!);
  await expect(again.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  const check = await again.evaluate(() => globalThis.vm!.exec("cd /mnt/home && sha256sum -c sum"));
  expect(check.stdout).toBe("random: OK\n");
});

test("2,000 small files are written, kept over a reload, and removed", async ({ linux, page }) => {
  await linux.run(
    "mkdir /mnt/home/many && cd /mnt/home/many && for i in $(seq 2000); do echo $i > file-$i; done && sync",
  );
  await page.reload();
  await linux.waitForReady();
  expect(
    await linux.run("cd /mnt/home/many && ls | wc -l && cat file-* | sort -n | sha256sum && seq 2000 | sha256sum"),
  ).toMatch(/^2000\n(\S+) {2}-\n\1 {2}-\n$/);
  await linux.run("rm -r /mnt/home/many && sync");
  await page.reload();
  await linux.waitForReady();
  expect(await linux.run("ls /mnt/home")).toBe("");
});

test("a full browser store is ENOSPC for the writer, and nothing else is lost", async ({ linux, page, context }) => {
  await linux.run("echo before > /mnt/home/before && sync");
  const session = await context.newCDPSession(page);
  const { origin } = new URL(page.url());
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 40 * 2 ** 20 });
  expect(await linux.run("dd if=/dev/zero of=/mnt/home/big bs=1M count=100 2>&1; true")).toContain(
    "No space left on device",
  );
  await expect(linux.share("home").problem).toContainText("full");
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  expect(await linux.run("rm /mnt/home/big && echo after > /mnt/home/after && sync && cat /mnt/home/*")).toBe(
    "after\nbefore\n",
  );
  await expect(linux.share("home").problem).toHaveText("");
});

test("another tab gets the directory read-only and is told why", async ({ linux, context, baseURL }) => {
  await linux.run("echo first > /mnt/home/file && sync");
  const second = await context.newPage();
  await second.goto(baseURL!);
  await expect(second.getByRole("status")).toHaveText("ready", { timeout: 45_000 });
  await expect(second.locator(".problem")).toContainText("Another tab");
  const tried = await second.evaluate(() => globalThis.vm!.exec("cat /mnt/home/file; echo x > /mnt/home/new"));
  expect(tried.stdout).toBe("first\n");
  expect(tried.stderr).toContain("Read-only file system");
});

test("the shell has job control, line editing, the window's size and poweroff", async ({ linux, page }) => {
  await linux.type("stty size");
  await linux.waitForOutput(/\d\d \d\d/);
  const [rows, columns] = await page.evaluate(() => [globalThis.terminal.rows, globalThis.terminal.cols]);
  expect(await linux.output()).toContain(`${rows} ${columns}`);

  // Until cat runs the terminal is the shell's, and keys typed ahead would be cut into lines of their own.
  const catRuns = () => expect.poll(() => linux.run("pidof cat || true")).not.toBe("");
  await linux.type("cat");
  await catRuns();
  await linux.type("echoed");
  await expect.poll(() => linux.text()).toMatch(/echoed\nechoed/);
  await page.keyboard.press("Control+z");
  await expect.poll(() => linux.text()).toMatch(/\[1\]\+ {2}Stopped +cat/);
  await linux.type("jobs; kill %1; fg; echo ki''lled");
  await linux.waitForOutput("killed");

  await linux.type("cat");
  await catRuns();
  await page.keyboard.press("Control+c");
  await linux.type("echo inter''rupted");
  await linux.waitForOutput("interrupted");

  await linux.type("poweroff");
  await expect(linux.restartButton).toBeVisible();
  await linux.restartButton.click();
  await linux.waitForReady();
});

test("a shell that is left is replaced", async ({ linux }) => {
  await linux.type("cd /tmp; exit");
  await expect.poll(() => linux.text()).toMatch(/BusyBox.*BusyBox.*#$/s);
  await linux.type("pwd; echo ag''ain");
  await linux.waitForOutput("/root");
});
