import { describe, expect, it } from "vitest";
import { decodeName } from "../posix/name.js";
import { opfsRefuses, opfsRefusesBeside } from "./opfs/opfs-name.js";
import { chromiumRefuses } from "./picked/chromium-name.js";
import { shownNames, spell, spellings, unspell, unspellPath } from "./spelling.js";
import { ODD_NAMES } from "./testing/odd-names.js";

const takesAll = () => -1;
const rules = [opfsRefuses, opfsRefusesBeside(".v86-virtiofs"), chromiumRefuses, takesAll];

it.each([
  ["a:b", "a\uf03ab"],
  ["a\\", "a\uf05c"],
  ["end..", "end.\uf02e"],
  ["end ", "end\uf020"],
  ["con.txt", "\uf063on.txt"],
  ["foo.lnk", "foo\uf02elnk"],
  ["x.crswap", "x\uf02ecrswap"],
  ["..x", ".\uf02ex"],
  ["a\udcff", "a\uf0ff"],
  ["\u200d", "\uf0e2\uf080\uf08d"],
  ["\uf03a", "\uf0ef\uf080\uf0ba"],
  ["\uf000\uf02f\uf100", "\uf000\uf02f\uf100"],
  ["日本語 😀", "日本語 😀"],
])("%j in a picked folder", (name, stored) => {
  expect(spell(name, chromiumRefuses)).toBe(stored);
  expect(unspell(stored)).toBe(name);
});

it.each([
  ["a:b.", "a:b."],
  ["a\\b", "a\uf05cb"],
  ["x.crswap", "x\uf02ecrswap"],
  [".v86-virtiofs", ".v86-virtiofs"],
])("%j in OPFS", (name, stored) => expect(spell(name, opfsRefuses)).toBe(stored));

it("keeps the guest's name apart from a hidden entry's", () => {
  const refused = opfsRefusesBeside(".v86-virtiofs");
  expect(spell(".v86-virtiofs", refused)).toBe("\uf02ev86-virtiofs");
  expect(spell(".V86-VirtioFS", refused)).toBe("\uf02eV86-VirtioFS");
  expect(spell("\uf02ev86-virtiofs", refused)).not.toBe("\uf02ev86-virtiofs");
});

describe.each(rules.map((refused, index) => [index, refused] as const))("rule %i", (_, refused) => {
  const all = [...new Set([...ODD_NAMES, ...randomNames(20_000)])];

  it("takes each spelling, gives the name for it, and no other name has it", () => {
    const stored = new Map<string, string>();
    for (const name of all) {
      const spelled = spell(name, refused);
      expect(refused(spelled)).toBe(-1);
      expect(unspell(spelled)).toBe(name);
      expect(stored.get(spelled)).toBeUndefined();
      stored.set(spelled, name);
    }
  });

  it("has further spellings, of which the last differs from every other name's in any case", () => {
    const lasts = new Set<string>();
    for (const name of all.slice(0, 3000)) {
      const each = [...spellings(name, refused)];
      expect(new Set(each).size).toBe(each.length);
      for (const spelled of each) {
        expect(refused(spelled)).toBe(-1);
        expect(unspell(spelled)).toBe(name);
      }
      const last = each.at(-1)!.normalize("NFKD").toLowerCase();
      expect(lasts.has(last)).toBe(false);
      lasts.add(last);
    }
  });
});

it("is total: whatever a store lists has a name, and no two have one", () => {
  const listed = new Set(randomNames(3000));
  for (const name of randomNames(3000)) for (const spelled of spellings(name, takesAll)) listed.add(spelled);
  for (const name of ["\uf02e", "\uf02e\uf02e", "\uf02e.", "\uf02f", "\uf000", "\ud800\uf041"]) listed.add(name);
  const shown = shownNames(listed);
  expect(shown.size).toBe(listed.size);
  expect(new Set(shown.values()).size).toBe(listed.size);
  for (const name of shown.values()) expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
});

it("of several entries of one name, the plain one has it", () => {
  const shown = shownNames(["\uf041", "A", "\uf0ef\uf081\uf081"]);
  expect([...shown]).toEqual([
    ["A", "A"],
    ["\uf0ef\uf081\uf081", "\uf041"],
    ["\uf041", "\uf0ef\uf081\uf081"],
  ]);
});

it("gives paths", () => expect(unspellPath("a\uf03ab/c\uf02e")).toBe("a:b/c."));

/** Names of the bytes that matter: letters in both cases, what is refused, parts of spelled characters and of other UTF-8. */
function randomNames(count: number): string[] {
  const pool = Array.from("aAoncCONx.. ~:\\*\t", (character) => character.charCodeAt(0));
  pool.push(0xef, 0x80, 0x81, 0xba, 0xc3, 0xa9, 0xcc, 0xe2, 0x8d, 0xff);
  const characters = ["\uf03a", "\uf000", "\uf0ff", "é", "\u200d", ".lnk", ".crswap"].map((text) =>
    new TextEncoder().encode(text),
  );
  let seed = 7;
  const random = (limit: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return (seed >>> 8) % limit;
  };
  const names = new Set<string>();
  while (names.size < count) {
    const bytes: number[] = [];
    for (let left = 1 + random(8); left > 0; left--) {
      if (random(4) === 0) bytes.push(...characters[random(characters.length)]!);
      else bytes.push(random(8) === 0 ? 1 + random(255) : pool[random(pool.length)]!);
    }
    const name = decodeName(Uint8Array.from(bytes.filter((byte) => byte !== 0x2f)));
    if (!/^\.{0,2}$/.test(name)) names.add(name);
  }
  return [...names];
}
