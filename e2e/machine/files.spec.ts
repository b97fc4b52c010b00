import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Locator } from "playwright/test";
import { expect, type Linux, test } from "./fixtures.js";

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

test.beforeEach(async ({ linux, folder }) => {
  await linux.page.evaluate(() => delete window.showSaveFilePicker); // A dialog that nothing can drive.
  await writeFile(join(folder, "from-disk.txt"), "hello guest\n");
  await mkdir(join(folder, "sub"));
});

test("50 MB come out of /mnt/home byte for byte", async ({ linux, temporary }) => {
  const sum = await linux.run("cd /mnt/home && head -c 52428801 /dev/urandom > big && sha256sum < big");
  const panel = await openFiles(linux, "home");
  const path = await download(panel, "Download big", temporary);
  expect(sha256(await readFile(path))).toBe(sum.split(" ")[0]);
  await expect(panel).toContainText("“big” was downloaded.");
});

test("a folder comes out as a zip, of a folder of the disk", async ({ linux, drop, folder, temporary }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  await linux.run(
    `cd /mnt/folder/sub && mkdir -p deep/er none && seq 1 30000 > deep/er/numbers && : > empty &&
     printf x > "$(printf 'a b:\\303\\251')" && ln -s empty link`,
  );
  const tree = await linux.run("cd /mnt/folder/sub && find . -type f -exec sha256sum {} + | sort");
  const panel = await openFiles(linux, "folder");
  const path = await download(panel, "Download sub as zip", temporary);
  await expect(panel).toContainText("no links: link.");
  const out = join(temporary, "unpacked");
  const unzip = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])`;
  execFileSync("python3", ["-c", unzip, path, out]);
  const unpacked = "find . -type f -exec sha256sum {} + | LC_ALL=C sort";
  expect(execFileSync("sh", ["-c", unpacked], { cwd: out, encoding: "utf8" })).toBe(tree);
  expect((await readdir(out)).sort()).toEqual(["a b:é", "deep", "empty", "none"]);
});

for (const tag of ["home", "folder"]) {
  test(`files and folders go into ${tag}, where the guest sees them at once`, async ({
    linux,
    drop,
    folder,
    temporary,
  }) => {
    await drop([folder], linux.dropPoint("read-write"));
    await expect(linux.share("folder").mountPoint).toBeVisible();
    await linux.run(`ls /mnt/${tag}/project /mnt/${tag}/one.txt 2>/dev/null; true`); // It knows now that there is none.
    const project = join(temporary, "project");
    await mkdir(join(project, "none"), { recursive: true });
    await mkdir(join(project, "src"));
    await writeFile(join(project, "src/big"), Buffer.alloc(3_000_001, "0123456789"));
    await writeFile(join(project, "src/empty"), "");
    await writeFile(join(temporary, "one.txt"), "one\n");

    const panel = await openFiles(linux, tag);
    const { x, y, width, height } = (await panel.boundingBox())!;
    const middle = { x: Math.round(x + width / 2), y: Math.round(y + height / 2) };
    await drop([project, join(temporary, "one.txt")], middle);
    await expect(panel).toContainText("3 files were uploaded.");
    expect(await linux.run(`cd /mnt/${tag} && cat one.txt && cd project && find . | sort && stat -c %s src/big`)).toBe(
      "one\n.\n./none\n./src\n./src/big\n./src/empty\n3000001\n",
    );
    const sum = sha256(await readFile(join(project, "src/big")));
    expect(await linux.run(`sha256sum < /mnt/${tag}/project/src/big`)).toContain(sum);
    expect(await linux.run(`find /mnt/${tag} -name '.upload*'`)).toBe("");
    if (tag === "home") return;
    await linux.saved(tag);
    expect(sha256(await readFile(join(folder, "project/src/big")))).toBe(sum);
    expect((await readdir(folder)).sort()).toEqual(["from-disk.txt", "one.txt", "project", "sub"]);
  });
}

test("a name that is taken is asked about, and nothing is replaced silently", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-write"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  const write = (replace: boolean) =>
    linux.page.evaluate(
      (replace) =>
        globalThis
          .vm!.shares.find(({ tag }) => tag === "folder")!
          .write("from-disk.txt", "new\n", { replace })
          .catch((error: { code: string }) => error.code),
      replace,
    );
  expect(await write(false)).toBe("exists");
  const panel = await openFiles(linux, "folder");
  await choose(panel, "from-disk.txt", "second\n");
  await linux.page.getByRole("button", { name: "Keep both, as “from-disk (2).txt”" }).click();
  await expect(panel).toContainText("One file was uploaded.");
  await choose(panel, "from-disk.txt", "third\n");
  await linux.page.getByRole("button", { name: "Replace it" }).click();
  await expect(panel).toContainText("One file was uploaded.");
  expect(await linux.run("cd /mnt/folder && cat from-disk.txt 'from-disk (2).txt'")).toBe("third\nsecond\n");
  await linux.saved("folder");
  expect(await readFile(join(folder, "from-disk.txt"), "utf8")).toBe("third\n");
});

test("a cancelled upload leaves nothing", async ({ linux }) => {
  const left = await linux.page.evaluate(async () => {
    const home = globalThis.vm!.shares[0]!;
    const controller = new AbortController();
    const options = {
      signal: controller.signal,
      onProgress: (bytes: number) => bytes > 2 ** 20 && controller.abort(),
    };
    const failed = await home.write("big", new Blob([new Uint8Array(64 * 2 ** 20)]), options).then(
      () => "written",
      (error: Error) => error.name,
    );
    return [failed, (await home.list()).map(({ name }) => name)];
  });
  expect(left).toEqual(["AbortError", []]);
  expect(await linux.run("ls -A /mnt/home")).toBe("");
});

test("a cancelled download lets go of the file", async ({ linux }) => {
  await linux.run("head -c 8388608 /dev/zero > /mnt/home/zeros");
  const size = await linux.page.evaluate(async () => {
    const { size, stream } = await globalThis.vm!.shares[0]!.read("zeros");
    const reader = stream.getReader();
    await reader.read();
    await reader.cancel();
    return size;
  });
  expect(size).toBe(8_388_608);
  await linux.share("home").removeButton.click();
  await expect(linux.shareNames).toHaveCount(0);
});

test("a read-only share refuses, and errors say what is wrong", async ({ linux, drop, folder }) => {
  await drop([folder], linux.dropPoint("read-only"));
  await expect(linux.share("folder").mountPoint).toBeVisible();
  const panel = await openFiles(linux, "folder");
  await expect(panel).toContainText("Shared read-only: nothing can be put here.");
  const errors = await linux.page.evaluate(async () => {
    const [home, folder] = globalThis.vm!.shares;
    const said = (promise: Promise<unknown>) => promise.catch(({ code, message }) => `${code}: ${message}`);
    return Promise.all([
      said(folder!.write("new", "x")),
      said(folder!.read("nothing")),
      said(folder!.read("sub")),
      said(folder!.list("from-disk.txt")),
      said(home!.write("a/../b", "x")),
    ]);
  });
  expect(errors).toEqual([
    "read-only: “folder” is shared read-only: nothing can be put into it.",
    "not-found: “nothing” is not there. Was it moved, renamed or removed?",
    "is-directory: “sub” is a folder, not a file.",
    "not-directory: “from-disk.txt” is not a folder, or something on the way to it is not.",
    "not-saved: “a/../b” cannot be a name in Linux.",
  ]);
});

test("reading does not wait for a guest that has ended", async ({ linux }) => {
  await linux.run("echo kept > /mnt/home/file");
  const ended = await linux.page.evaluate(async () => {
    const { vm } = globalThis;
    const home = vm!.shares[0]!;
    const off = vm!.exec("poweroff").catch(() => undefined);
    const read = home.read("file").then(
      ({ size }) => `${size} bytes`,
      ({ code }: { code: string }) => code,
    );
    await off;
    return [await read, await home.list().catch(({ code }: { code: string }) => code)];
  });
  expect(["5 bytes", "stopped", "bad-tag"]).toContain(ended[0]);
});

async function openFiles(linux: Linux, name: string): Promise<Locator> {
  await linux.share(name).filesButton.click();
  const panel = linux.page.getByRole("dialog", { name: `Files of “${name}”` });
  await expect(panel.getByText(/Name|Nothing is in/).first()).toBeVisible();
  return panel;
}

/** Clicks the button, and gives where the download was saved. */
async function download(panel: Locator, button: string, directory: string): Promise<string> {
  const started = panel.page().waitForEvent("download", { timeout: 60_000 });
  await panel.getByRole("button", { name: button, exact: true }).click();
  const path = join(directory, "downloaded");
  await (await started).saveAs(path);
  return path;
}

async function choose(panel: Locator, name: string, text: string): Promise<void> {
  const chooser = panel.page().waitForEvent("filechooser");
  await panel.getByRole("button", { name: "Upload files…" }).click();
  await (await chooser).setFiles([{ name, mimeType: "", buffer: Buffer.from(text) }]);
}
