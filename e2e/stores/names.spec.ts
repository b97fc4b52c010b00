import { expect } from "playwright/test";
import { checkChromiumName } from "../../src/storage/picked/chromium-name.js";
import { test } from "./lab.js";

const WORDS = [
  ..."con CON con.txt con.tar.gz conx prn aux nul com0 com1 com9 com10 lpt0 lpt1 clock$ clock$.txt conin$ conout$.a".split(
    " ",
  ),
  ..."x.lnk x.url x.scf x.lnk.txt x.LNK .lnk lnk x.local x.desktop desktop.ini Desktop.ini thumbs.db INDEX.lnk~".split(
    " ",
  ),
  ..."x.{CLSID} x.{645ff040-5081-101b-9f08-00aa002f954e} x.{645ff040}.txt x.{a x{a} a.{} x.crswap x.dll x.exe".split(
    " ",
  ),
  ..."... ..a a.. a..b ~ ~a a~ a~b .~a .a~ .hidden .a. -x $x device. autorun.inf é 🧑‍💻 日本語".split(" "),
  ..."x.library-ms x.search-ms x.website x.theme x.job x.pif x.com x.app x.git .git .bashrc a'b %41 a,b;c=d&e+f@g!".split(
    " ",
  ),
  " a",
  "a ",
  "a b",
  "a .b",
  "a. b",
  ". a",
  "a\tb",
  "a\nb",
];

/** The code points that are worth asking for: where names are made of, and where the invisible ones are. */
const RANGES: [number, number][] = [
  [0x1, 0x700],
  [0x180b, 0x1810],
  [0x1ff0, 0x2100],
  [0x2ff0, 0x3010],
  [0xfdc0, 0xfe10],
  [0xfe70, 0x10000],
  [0x1f600, 0x1f610],
  [0x1fffe, 0x20000],
  [0xe0000, 0xe0080],
  [0x10fffd, 0x110000],
];

test("the names that are refused are those that Chromium refuses", async ({ page, lab, drop, folder }) => {
  expect(await lab.caseNames()).not.toHaveLength(0);
  const characters = RANGES.flatMap(([start, end]) =>
    Array.from({ length: end - start }, (_, i) => String.fromCodePoint(start + i)),
  );
  const inPlaces = characters.flatMap((character) => [`a${character}b`, `${character}b`, `a${character}`]);
  const names = [...WORDS, ...inPlaces].filter((name) => !/[/\0]/.test(name));
  await drop([folder]);
  const refused = await page.evaluate(async (asked) => {
    const directory = (await dropped) as FileSystemDirectoryHandle;
    const allowed = (name: string) =>
      directory.getFileHandle(name).then(
        () => true,
        (error: Error) => error.name === "NotFoundError",
      );
    const results = await Promise.all(asked.map(allowed));
    return asked.filter((_, i) => !results[i]);
  }, names);
  expect(names.filter(isRefused)).toEqual(refused);
});

function isRefused(name: string): boolean {
  try {
    checkChromiumName(name);
    return false;
  } catch {
    return true;
  }
}
