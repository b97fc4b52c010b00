import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright/test";
import { Linux, expect, test } from "./fixtures.js";

test.beforeEach(async ({ folder }) => {
  await writeFile(join(folder, "script"), "#!/bin/sh\necho it runs\n");
});

test("modes, owners, links and attributes are there again at the next visit, and the disk has none of it", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await chmod(join(folder, "script"), 0o644);
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run(
    "cd /mnt/folder && chmod 751 script && chown 12:34 script && ln -s script link && ln script other && mkdir d && mkfifo d/pipe && chmod 700 d && mv d e && sync -f .",
  );
  const onDisk = (await readdir(folder)).sort();

  await page.reload();
  await linux.waitForReady();
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");
  await expect(linux.share("folder").problem).toHaveText("");
  expect(
    await linux.run(
      "cd /mnt/folder && stat -c '%A %u %g %h' script && readlink link && stat -c %A e e/pipe && ./link && cat other",
    ),
  ).toBe("-rwxr-x--x 12 34 2\nscript\ndrwx------\nprw-r--r--\nit runs\n#!/bin/sh\necho it runs\n");
  expect((await readdir(folder)).sort()).toEqual(onDisk);
  expect(onDisk).toEqual(["e", "script"]);
  expect((await stat(join(folder, "script"))).mode & 0o777).toBe(0o644);
});

test("records claim no more than is true of a folder that changed between two visits", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run(
    "cd /mnt/folder && chmod 755 script && echo 1 > gone && chmod 600 gone && ln -s x taken && sync -f .",
  );
  await page.goto("about:blank");
  await writeFile(join(folder, "script"), "replaced outside\n");
  await writeFile(join(folder, "taken"), "a file now\n");
  await rm(join(folder, "gone"));
  await page.goBack();
  await linux.waitForReady();
  await expect(linux.share("folder").mountPoint).toBeVisible();
  expect(await linux.run("cd /mnt/folder && ls && stat -c '%A %s' script && cat script taken")).toBe(
    "script\ntaken\n-rwxr-xr-x 17\nreplaced outside\na file now\n",
  );
  await writeFile(join(folder, "gone"), "new\n");
  await expect.poll(() => linux.run("stat -c %A /mnt/folder/gone; true")).toBe("-rw-r--r--\n");
});

test("a removed share comes back with one click, and keeps its tag and access", async ({
  linux,
  page,
  drop,
  folder,
}) => {
  await drop([folder], linux.dropPoint("read-only"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.share("folder").removeButton.click();
  await expect(linux.shareNames).toHaveText(["home"]);
  const earlier = page.getByRole("list", { name: "Folders of earlier visits" });
  await expect(earlier).toContainText("folder");
  await page.reload();
  await linux.waitForReady();
  await expect(linux.shareNames).toHaveText(["home"]);
  await page.getByRole("button", { name: "Reconnect folder" }).click();
  await expect(linux.share("folder").mountPoint).toHaveText("/mnt/folder");
  await expect(linux.share("folder").access).toHaveText("read-only");
  await expect(earlier).toBeHidden();
});

test("a folder that is forgotten leaves no trace", async ({ linux, page, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run("cd /mnt/folder && chmod 700 script && sync -f .");
  const id = await page.evaluate(() => globalThis.vm!.shares.find((share) => share.tag === "folder")!.folder!);
  await page.evaluate(async (name) => {
    const own = await (await navigator.storage.getDirectory()).getDirectoryHandle(".v86-virtiofs");
    const changes = await own.getDirectoryHandle("changes", { create: true });
    await (await changes.getDirectoryHandle(name, { create: true })).getDirectoryHandle("below", { create: true });
  }, id);
  expect((await traces(page)).filter((trace) => trace.includes(id)).length).toBeGreaterThan(3);
  await linux.share("folder").removeButton.click();
  page.on("dialog", (dialog) => void dialog.accept());
  await page.getByRole("button", { name: "Forget folder" }).click();
  await expect(page.getByText("“folder” is forgotten.")).toBeVisible();
  expect((await traces(page)).filter((trace) => trace.includes(id))).toEqual([]);
  await expect(page.getByRole("list", { name: "Folders of earlier visits" })).toBeHidden();

  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  expect(await linux.run("stat -c %A /mnt/folder/script")).toBe("-rw-r--r--\n");
});

test("one tab, and one share, owns a folder", async ({ linux, page, context, drop, folder, baseURL }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await drop([folder], linux.dropPoint("read-only"));
  await expect(linux.messages).toContainText("“folder” is shared already: read and write, at /mnt/folder.");
  await expect(linux.shareNames).toHaveText(["home", "folder"]);
  await linux.shareRemembered();
  await expect(linux.shareNames).toHaveText(["home", "folder", "folder"]);
  await expect(linux.messages.last()).toContainText(
    "It is shared already: read-only here. Remove that share, and share this again, to write.",
  );
  await linux.run("mount | grep ' /mnt/folder-2 ' | grep -q '[(]ro,'");

  const second = new Linux(await context.newPage());
  await second.page.goto(baseURL!);
  await second.waitForReady();
  await second.page.getByRole("button", { name: "Reconnect folder" }).click();
  await expect(second.messages.last()).toContainText(
    "“folder”: Another tab has it open: read-only here. Close that one and reload to write.",
  );
  await expect(second.share("folder").problem).toBeHidden();
  expect(await second.run("cat /mnt/folder/script; (echo x > /mnt/folder/new) 2>&1; true")).toContain("Read-only");
  await page.close();
  await second.page.reload();
  await second.waitForReady();
  await expect(second.share("folder").access).toHaveText("read and write");
});

test("a folder inside or around another is read-only, and says why", async ({ linux, page, drop, folder }) => {
  await mkdir(join(folder, "inside/deep"), { recursive: true });
  await drop([join(folder, "inside")], linux.dropPoint("read-write"));
  await expect(linux.share("inside").mountPoint).toBeVisible();
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").problem).toHaveText(
    "It has “inside” in it, which is shared already at /mnt/inside: read-only here. Remove that share, and share this again, to write.",
  );
  await drop([join(folder, "inside/deep")], linux.dropPoint("read-write"));
  await expect(linux.share("deep").problem).toHaveText(
    "It lies inside “inside”, which is shared already at /mnt/inside: read-only here. Remove that share, and share this again, to write.",
  );
  await linux.share("inside").removeButton.click();
  await linux.share("folder").removeButton.click();
  await expect(linux.shareNames).toHaveText(["home", "deep"]);
  await page.getByRole("button", { name: "Reconnect folder" }).click();
  await expect(linux.share("folder").access).toHaveText("read and write");
});

/** Names in OPFS and IndexedDB, and what the journals of scratch copies say. */
function traces(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const found: string[] = [];
    const walk = async (directory: FileSystemDirectoryHandle, path: string): Promise<void> => {
      for await (const [name, entry] of directory.entries()) {
        found.push(`${path}/${name}`);
        if (entry.kind === "directory") await walk(entry, `${path}/${name}`);
        else if (name === "journal") found.push(await (await entry.getFile()).text());
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    const keys = await new Promise<IDBValidKey[]>((resolve, reject) => {
      const opening = indexedDB.open("v86-virtiofs");
      opening.addEventListener("error", () => reject(opening.error!));
      opening.addEventListener("success", () => {
        const request = opening.result.transaction("folders").objectStore("folders").getAllKeys();
        request.addEventListener("success", () => resolve(request.result));
        opening.result.close();
      });
    });
    return [...found, ...keys.map(String)];
  });
}
