import type { VirtualMachine } from "../../src/client/index.js";
import { expect, test } from "./fixtures.js";

/** Copies the small Linux of the page into an OPFS directory: a root as small as can be. */
const COPY = `mkdir -p /mnt/tiny && cp -a /bin /etc /root /sbin /usr /mnt/tiny/ &&
  cd /mnt/tiny && mkdir dev mnt proc run sys tmp && echo tiny > etc/hostname && sync`;

test("Linux has its root in a directory of the browser, and shares mounted before its first command", async ({
  linux,
  page,
}) => {
  await page.evaluate(() => globalThis.vm!.share({ opfs: "tiny" }));
  await linux.run(COPY);
  const results = await page.evaluate(async () => {
    const Machine = globalThis.vm!.constructor as typeof VirtualMachine;
    await globalThis.vm!.stop();
    const source = { files: { "file.txt": "of the page" } };
    const vm = await Machine.start({ root: { opfs: "tiny" }, shares: [{ tag: "docs", source }] });
    const first = await vm.exec("hostname; cat /mnt/docs/file.txt; grep ' / ' /proc/mounts");
    const shares = vm.shares.map(({ tag, mountPoint, kind }) => ({ tag, mountPoint, kind }));
    const refusal = await vm.shares[0]!.remove().catch((error) => error.code);
    await vm.shares[1]!.remove();
    const later = await vm.share({ opfs: "later" });
    await vm.exec("echo kept > /root/kept; echo later > /mnt/later/file");
    await later.remove();
    await vm.stop();

    const again = await Machine.start({ root: { source: { opfs: "tiny" }, access: "read-only" } });
    const second = await again.exec("cat /root/kept; ls -A /mnt; (echo x > /root/new) 2>&1; true");
    await again.stop();
    return { first: first.stdout, shares, refusal, second: second.stdout };
  });
  expect(results.first).toMatch(/^tiny\nof the pageroot \/ virtiofs rw/);
  expect(results.shares).toEqual([
    { tag: "root", mountPoint: "/", kind: "opfs" },
    { tag: "docs", mountPoint: "/mnt/docs", kind: "files" },
  ]);
  expect(results.refusal).toBe("busy");
  expect(results.second).toMatch(/^kept\n.*Read-only file system/);
});

test("a directory without a Linux system in it is refused as the root, with the reason", async ({ linux, page }) => {
  await linux.waitForReady();
  const failure = await page.evaluate(async () => {
    const Machine = globalThis.vm!.constructor as typeof VirtualMachine;
    return Machine.start({ root: { opfs: "empty" } }).catch((error) => [error.name, error.code, error.message]);
  });
  expect(failure).toEqual([
    "MachineError",
    "bad-root",
    "“empty” cannot be the root of Linux: it has no directory /dev.",
  ]);
});
