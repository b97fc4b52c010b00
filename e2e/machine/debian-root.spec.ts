import { debianFiles, WITHOUT_DEBIAN } from "../programs/debian.js";
import { expect, test } from "./fixtures.js";

/** The root's directory in OPFS, and a page that starts Linux from it. */
const NAME = "debian";
const ROOT_PAGE = `./?root=opfs:${NAME}&memory=256`;

const GIT = `git init -q -b main repo && cd repo && git config user.name me && git config user.email me@here
for i in 1 2 3; do echo $i > file-$i && git add . && git commit -q -m $i; done
git gc -q && git clone -q . ../clone && git -C ../clone fsck --strict && git log --format=%s`;

test("a Debian unpacked into the browser is booted, used, and found as it was", async ({ linux, page, drop }) => {
  test.skip(WITHOUT_DEBIAN !== undefined && !process.env["CI"], WITHOUT_DEBIAN);
  test.setTimeout(600_000);
  const debian = debianFiles();
  const start = async (address: string) => {
    await page.goto(address);
    await linux.waitForReady();
  };
  const dropPackages = async () => {
    await drop([debian.root, debian.treePackage], linux.dropPoint("read-only"));
    await expect(linux.share("files").mountPoint).toHaveText("/mnt/files");
  };

  await test.step("unpack it with the tar of the small Linux that the page has", async () => {
    await dropPackages();
    await page.evaluate((opfs) => globalThis.vm!.share({ opfs }), NAME);
    await linux.run(`tar -xpf /mnt/files/root.tar -C /mnt/${NAME}`);
    await linux.saved(NAME);
  });

  await test.step("boot it, and find every file as the tar has it", async () => {
    await start(ROOT_PAGE);
    await dropPackages();
    expect(await linux.run("grep ' / ' /proc/mounts; hostname; cat /etc/debian_version")).toMatch(
      /^root \/ virtiofs rw.*\ndebian\n12\./,
    );
    // Bound elsewhere, to see what is below /dev, /proc and so on.
    await linux.run("mkdir /tmp/root && mount --bind / /tmp/root");
    expect(await linux.run("tar --compare --numeric-owner -f /mnt/files/root.tar -C /tmp/root")).toBe("");
    await linux.run("umount /tmp/root");
    expect(await linux.run("dpkg --verify")).toBe("");
  });

  await test.step("run programs in it", async () => {
    await linux.type("git --version; echo $SHELL $HOME $TERM");
    await linux.waitForOutput("/bin/bash /root xterm-256color");
    expect(await linux.run(GIT)).toBe("3\n2\n1\n");
    expect(await linux.run("python3 -c 'import json, sqlite3, sys; print(json.dumps([1, 2]), sys.platform)'")).toBe(
      "[1, 2] linux\n",
    );
    expect(
      await linux.run(
        "sqlite3 db 'pragma journal_mode=wal; create table t(a); insert into t values(1); select a from t'",
      ),
    ).toBe("wal\n1\n");
    expect(await linux.run("printf 'all:\\n\\t@echo made\\n' > Makefile && make")).toBe("made\n");
  });

  await test.step("install a package, and find all of it after a reload", async () => {
    await linux.run(
      "dpkg -i /mnt/files/tree.deb && touch -d '2001-02-03 04:05:06' repo/file-1 && chmod 640 repo/file-1",
    );
    await linux.run("mkfifo -m 600 pipe && chown 33:33 pipe && ln -s /etc/hostname link");
    const state = "tree --version && stat -c '%a %u %y' repo/file-1 && stat -c '%F %a %u' pipe && cat link";
    const before = await linux.run(state);
    expect(before).toContain("640 0 2001-02-03 04:05:06.000000000");
    await page.reload();
    await linux.waitForReady();
    expect(await linux.run(state)).toBe(before);
    expect(await linux.run("dpkg --verify; dpkg --audit; git -C clone fsck --strict; git -C repo status --short")).toBe(
      "",
    );
    expect(await linux.run("sqlite3 db 'pragma integrity_check; select count(*) from t'")).toBe("ok\n1\n");
  });

  await test.step("switch it off, and on again", async () => {
    await linux.run("echo last > last");
    await linux.type("poweroff");
    await expect(linux.restartButton).toBeVisible();
    await linux.restartButton.click();
    await linux.waitForReady();
    expect(await linux.run("cat last; dpkg --verify")).toBe("last\n");
  });
});
