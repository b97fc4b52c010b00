import { type Page, expect } from "playwright/test";
import { chromiumRefuses, refusalIn } from "../../src/storage/picked/chromium-name.js";
import { opfsRefuses } from "../../src/storage/opfs/opfs-name.js";
import { spell } from "../../src/storage/spelling.js";
import { ODD_NAMES } from "../../src/storage/testing/odd-names.js";
import { test } from "./lab.js";

const WORDS = [
  ..."con CON con.txt con.tar.gz conx prn aux nul com0 com1 com9 com10 lpt0 lpt1 clock$ clock$.txt conin$ conout$.a".split(
    " ",
  ),
  ..."x.lnk x.url x.scf x.lnk.txt x.LNK .lnk lnk x.local x.desktop desktop.ini Desktop.ini thumbs.db INDEX.lnk~".split(
    " ",
  ),
  ..."x.{CLSID} x.{645ff040-5081-101b-9f08-00aa002f954e} x.{645ff040}.txt x.{a x{a} a.{} x.dll x.exe".split(" "),
  ..."... ..a a.. a..b ~ ~a a~ a~b .~a .a~ .hidden .a. -x $x device. autorun.inf é 🧑‍💻 日本語".split(" "),
  ..."x.library-ms x.search-ms x.website x.theme x.job x.pif x.com x.app x.git .git .bashrc a'b %41 a,b;c=d&e+f@g!".split(
    " ",
  ),
  ..."com¹ COM² lpt³.txt com10.x con.. con._ conin$.x conout$ desktop.ini. a.lnk. .desktop.ini ..lnk .url.scf a.{}b} a.{b.c} a.{{b} a.{}} a.} .{b} {b} a.b.{c} a.{b}.c a.{b}.{c}".split(
    " ",
  ),
  "con .txt",
  "nul .",
  " a",
  "a ",
  "a b",
  "a .b",
  "a. b",
  ". a",
  "a\tb",
  "a\nb",
];

const OF_GIT = [
  ..."HEAD FETCH_HEAD ORIG_HEAD COMMIT_EDITMSG config config.lock config.worktree hooks hooks.d modules description".split(
    " ",
  ),
  ..."index index.lock info objects refs logs packed-refs shallow attributes alternates commondir gitdir worktrees".split(
    " ",
  ),
  ..."rebase-merge sequencer lfs svn branches .git \uf063onfig \uf068ooks \uf06dodules".split(" "),
];

/** The code points that are worth asking for: where names are made of, and where the invisible ones are. */
const RANGES: [number, number][] = [
  [0x1, 0x700],
  [0x180b, 0x1810],
  [0x1ff0, 0x2100],
  [0x2ff0, 0x3010],
  [0xeff0, 0xf110],
  [0xfdc0, 0xfe10],
  [0xfe70, 0x10000],
  [0x1f600, 0x1f610],
  [0x1fffe, 0x20000],
  [0xe0000, 0xe0080],
  [0x10fffd, 0x110000],
];

const CHARACTERS = RANGES.flatMap(([start, end]) =>
  Array.from({ length: end - start }, (_, i) => String.fromCodePoint(start + i)),
);
const NAMES = [...WORDS, ...CHARACTERS.flatMap((each) => [`a${each}b`, `${each}b`, `a${each}`, `.${each}b`])].filter(
  (name) => !/[/\0]/.test(name) && !/\p{Surrogate}/u.test(name),
);

test("the names that are spelled otherwise are those that Chromium refuses", async ({ page, lab, drop, folder }) => {
  expect(await lab.caseNames()).not.toHaveLength(0);
  await drop([folder]);
  expect(NAMES.filter((name) => chromiumRefuses(name) >= 0)).toEqual(await refusedInFolder(page, NAMES));
});

test("in a repository of git more is spelled otherwise: what Chromium lets nobody make there", async ({
  page,
  lab,
  drop,
  folder,
}) => {
  expect(await lab.caseNames()).not.toHaveLength(0);
  await drop([folder]);
  for (const directory of [".git", ".GIT", "x.git", "git", ".svn", ".hg"]) {
    const refused = await page.evaluate(
      async ([name, files]) => {
        const parent = await ((await dropped) as FileSystemDirectoryHandle).getDirectoryHandle(name, { create: true });
        const made = files.map((file) => parent.getFileHandle(file, { create: true }).then(() => true));
        const results = await Promise.allSettled(made);
        return files.filter((_, index) => results[index]!.status === "rejected");
      },
      [directory, OF_GIT] as const,
    );
    expect(refused, directory).toEqual(OF_GIT.filter((name) => refusalIn(directory)(name) >= 0));
  }
});

test("no store refuses a name as it is spelled", async ({ page, lab, drop, folder }) => {
  expect(await lab.caseNames()).not.toHaveLength(0);
  await drop([folder]);
  const all = [...NAMES, ...ODD_NAMES];
  const forFolder = all.map((name) => spell(name, chromiumRefuses));
  expect(await refusedInFolder(page, forFolder)).toEqual([]);
  const forOpfs = all.map((name) => spell(name, opfsRefuses));
  const refused = await page.evaluate(
    async (asked) => globalThis.refusedIn(await navigator.storage.getDirectory(), asked),
    forOpfs,
  );
  expect(refused).toEqual([]);
});

function refusedInFolder(page: Page, names: readonly string[]): Promise<string[]> {
  return page.evaluate(
    async (asked) => globalThis.refusedIn((await dropped) as FileSystemDirectoryHandle, asked),
    names,
  );
}
