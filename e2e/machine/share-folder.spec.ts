import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "./fixtures.js";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test.beforeEach(async ({ folder }) => {
  await writeFile(join(folder, "from-disk.txt"), "hello guest\n");
  await mkdir(join(folder, "sub"));
});

test("a picked folder is mounted live under its name", async ({ linux, page, drop, folder }) => {
  // The picker's dialog cannot be driven: the page gets the handle that a drop on another place gave.
  await page.evaluate(() => {
    const handle = new Promise((resolve) =>
      addEventListener(
        "drop",
        (event) => {
          event.preventDefault();
          event.stopImmediatePropagation();
          dispatchEvent(new DragEvent("dragleave")); // the page's overlay goes
          const item = event.dataTransfer!.items[0] as DataTransferItem & { getAsFileSystemHandle(): Promise<unknown> };
          resolve(item.getAsFileSystemHandle());
        },
        { capture: true, once: true },
      ),
    );
    Object.assign(globalThis, { showDirectoryPicker: () => handle });
  });
  await drop([folder]);
  await linux.shareButton.click();
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");
  await linux.type("cat /mnt/folder/from-disk.txt");
  await linux.waitForOutput("hello guest");
});

test("the usual commands change the disk", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");

  await linux.run(
    "cd /mnt/folder && cp from-disk.txt copy.txt && echo more >> copy.txt && mkdir made && mv copy.txt made/moved.txt",
  );
  await expect
    .poll(() => readFile(join(folder, "made/moved.txt"), "utf8").catch(() => ""), { timeout: 1_000 })
    .toBe("hello guest\nmore\n");
  await linux.run("cd /mnt/folder && rm from-disk.txt && rmdir sub && mv made renamed");
  await expect.poll(() => readdir(folder), { timeout: 1_000 }).toEqual(["renamed"]);
  expect(await readFile(join(folder, "renamed/moved.txt"), "utf8")).toBe("hello guest\nmore\n");
});

test("a file edited in vi is on the disk within a second", async ({ linux, page, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.type("vi /mnt/folder/from-disk.txt");
  await linux.waitForOutput("hello guest");
  await page.keyboard.type("Oa new line");
  await linux.waitForOutput(/^I .*from-disk\.txt/m);
  await page.keyboard.press("Escape");
  await linux.waitForOutput(/^- .*from-disk\.txt/m); // an Escape with ":" right behind it would be a key of its own
  await linux.type(":wq");
  await expect
    .poll(() => readFile(join(folder, "from-disk.txt"), "utf8"), { timeout: 2_000 })
    .toBe("a new line\nhello guest\n");
});

test("what changes on the disk is seen in the guest within two seconds", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  const seen = (command: string) =>
    expect.poll(() => linux.run(`cd /mnt/folder; ${command}; true`), { timeout: 2_500 });
  expect(await linux.run("cd /mnt/folder; ls; cat from-disk.txt")).toBe("from-disk.txt\nsub\nhello guest\n");

  await writeFile(join(folder, "added.txt"), "added\n");
  await seen("ls; cat added.txt").toBe("added.txt\nfrom-disk.txt\nsub\nadded\n");
  await writeFile(join(folder, "from-disk.txt"), "changed outside\n");
  await seen("cat from-disk.txt").toBe("changed outside\n");
  await rm(join(folder, "added.txt"));
  await seen("ls").toBe("from-disk.txt\nsub\n");
});

test("read-only is chosen when sharing, and is enforced by the device", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-only"));
  await expect(linux.share("folder").access).toHaveText("read-only");
  for (const change of ["echo x > new", "echo x >> from-disk.txt", "rm from-disk.txt", "mkdir d", "mv sub other"]) {
    expect(await linux.run(`cd /mnt/folder && (${change}) 2>&1; true`), change).toContain("Read-only file system");
  }
  // A mount of the guest's own is not asked what the page promised.
  await linux.run("umount /mnt/folder && mkdir /tmp/rw && mount -t virtiofs -o rw folder /tmp/rw");
  expect(await linux.run("(echo x > /tmp/rw/new) 2>&1; true")).toContain("Read-only file system");
  expect(await readdir(folder)).toEqual(["from-disk.txt", "sub"]);
});

test("200 MB go in and out byte for byte", async ({ linux, drop, folder }) => {
  test.setTimeout(180_000);
  const bytes = Buffer.alloc(200 * 2 ** 20);
  for (let at = 0, x = 1; at < bytes.length; at += 4)
    bytes.writeUInt32LE((x = (Math.imul(x, 1664525) + 1013904223) >>> 0), at);
  await writeFile(join(folder, "big"), bytes);
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run("cp /mnt/folder/big /mnt/home/big && cp /mnt/home/big /mnt/folder/back && sync && rm /mnt/home/big");
  expect((await stat(join(folder, "back"))).size).toBe(bytes.length);
  expect(sha256(await readFile(join(folder, "back")))).toBe(sha256(bytes));
});

test("a folder that vanishes gives EIO, and the page says it", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await rm(folder, { recursive: true });
  // It is waited for first, as long as README says.
  await expect.poll(() => linux.run("ls /mnt/folder 2>&1; true")).toContain("Input/output error");
  await expect(linux.share("folder").problem).toContainText("gone");
  await expect(linux.share("folder").unsaved).toHaveText("gone");
});

test("a file that may not be written on the disk is told of, with what to do, until it is saved", async ({
  linux,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await chmod(join(folder, "from-disk.txt"), 0o444);
  await linux.run("(echo changed > /mnt/folder/from-disk.txt) 2>&1; true");
  await expect(linux.share("folder").problem).toContainText("from-disk.txt could not be saved");
  await expect(linux.share("folder").problem).toContainText("Make it writable");
  await chmod(join(folder, "from-disk.txt"), 0o644);
  await linux.saved("folder");
  await expect(linux.share("folder").problem).toHaveText("");
  expect(await readFile(join(folder, "from-disk.txt"), "utf8")).toBe("changed\n");
});

test("a repository of git is worked on: the visitor's own configuration is read, and stays as it is", async ({
  linux,
  drop,
  folder,
}) => {
  await mkdir(join(folder, ".git"));
  await writeFile(join(folder, ".git/config"), "the visitor's\n");
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  expect(await linux.run("cat /mnt/folder/.git/config")).toBe("the visitor's\n");
  for (const change of ["(echo x > config)", "(echo x >> config)", "truncate -s 0 config"]) {
    expect(await linux.run(`cd /mnt/folder/.git; ${change} 2>&1; true`)).toContain("Permission denied");
  }
  await expect(linux.share("folder").problem).toHaveText("");
  await linux.run(
    "cd /mnt/folder/.git && echo of Linux > config.lock && mv config.lock config && mkdir -p hooks && sync",
  );
  expect(await linux.run("cd /mnt/folder/.git && ls && cat config")).toContain("config\nhooks\nof Linux\n");
  await linux.saved("folder");
  await expect(linux.share("folder").problem).toHaveText("");
  expect(await readFile(join(folder, ".git/config"), "utf8")).toBe("the visitor's\n");
  expect((await readdir(join(folder, ".git"))).sort()).toEqual(["config", "\uf063onfig", "\uf068ooks"]);
});

test("a name that the browser refuses is spelled otherwise on the disk, and shown right", async ({
  linux,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run("cd /mnt/folder && echo x > 'a:b' && sync -f .");
  expect(await linux.run("ls /mnt/folder")).toBe("a:b\nfrom-disk.txt\nsub\n");
  expect((await readdir(folder)).sort()).toEqual(["a\uf03ab", "from-disk.txt", "sub"]);
});

test("several shares live side by side, and a busy one says who uses it", async ({ linux, page, drop, folder }) => {
  await mkdir(join(folder, "sub/one"));
  await mkdir(join(folder, "sub/two"));
  await drop([join(folder, "sub/one"), join(folder, "sub/two")], linux.dropPoint("read-write"));
  await expect(linux.shareNames).toHaveText(["home", "one", "two"]);
  await linux.run("echo 1 > /mnt/one/file; cp /mnt/one/file /mnt/two/copy");

  await linux.type("cd /mnt/one");
  await linux.waitForOutput("/mnt/one #");
  await linux.share("one").removeButton.click();
  await expect(linux.messages).toContainText("sh");
  await linux.type("cd /root");
  await linux.waitForOutput("~ #");
  await linux.share("one").removeButton.click();
  await expect(linux.shareNames).toHaveText(["home", "two"]);
  expect(await readFile(join(folder, "sub/one/file"), "utf8")).toBe("1\n");
  expect(await linux.run("ls /mnt")).toBe("home\ntwo\n");
  expect(await page.evaluate(() => globalThis.vm!.shares.map((share) => share.tag))).toEqual(["home", "two"]);
});

test("mount and umount work by hand", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.type(
    "umount /mnt/folder && mkdir -p /tmp/there && mount -t virtiofs folder /tmp/there && cat /tmp/there/from-disk.txt",
  );
  await linux.waitForOutput("hello guest");
});

test("dropped files are one share, live and writable in place", async ({ linux, drop, folder }) => {
  await writeFile(join(folder, "second.txt"), "2\n");
  await drop([join(folder, "from-disk.txt"), join(folder, "second.txt")], linux.dropPoint("read-write"));
  await expect(linux.share("files").mountPoint).toHaveText("/mnt/files");
  expect(await linux.run("cd /mnt/files && ls && cat second.txt && echo more >> second.txt")).toBe(
    "from-disk.txt\nsecond.txt\n2\n",
  );
  await expect.poll(() => readFile(join(folder, "second.txt"), "utf8")).toBe("2\nmore\n");
  expect(await linux.run("(echo x > /mnt/files/new; rm /mnt/files/second.txt) 2>&1; true")).toMatch(
    /Permission denied.*Permission denied/s,
  );
});
