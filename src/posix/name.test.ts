import { expect, test } from "vitest";
import { Errno } from "./errno.js";
import { checkName, decodeName, encodedLength, encodeName, isEncodable, isText } from "./name.js";

const utf8 = new TextEncoder();

test.each(["", "a", "hello.txt", "naïve", "日本語", "🙂 x", "\u{10ffff}", "\ud7ff\ue000", "\u0080\u07ff\u0800\uffff"])(
  "%j is UTF-8",
  (name) => {
    expect([...encodeName(name)]).toEqual([...utf8.encode(name)]);
    expect(decodeName(utf8.encode(name))).toBe(name);
    expect(encodedLength(name)).toBe(utf8.encode(name).length);
    expect(isText(name)).toBe(true);
  },
);

test.each([
  [[0xff], "\udcff"],
  [[0x61, 0x80, 0x62], "a\udc80b"],
  [[0xc0, 0xaf], "\udcc0\udcaf"], // overlong "/"
  [[0xe0, 0x80, 0x80], "\udce0\udc80\udc80"], // overlong NUL
  [[0xed, 0xa0, 0x80], "\udced\udca0\udc80"], // a surrogate
  [[0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"], // above U+10FFFF
  [[0xe2, 0x82], "\udce2\udc82"], // cut short
  [[0xe2, 0x82, 0x41], "\udce2\udc82A"],
  [[0xf0, 0x9f, 0x99, 0x82, 0x82], "🙂\udc82"],
])("bytes %j", (bytes, name) => {
  expect(decodeName(Uint8Array.from(bytes))).toBe(name);
  expect([...encodeName(name)]).toEqual(bytes);
  expect(encodedLength(name)).toBe(bytes.length);
  expect(isText(name)).toBe(false);
  expect(isEncodable(name)).toBe(true);
});

test("any bytes come back", () => {
  let seed = 1;
  for (let round = 0; round < 2000; round++) {
    const bytes = Uint8Array.from({ length: round % 12 }, () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return seed >>> 24;
    });
    expect([...encodeName(decodeName(bytes))]).toEqual([...bytes]);
  }
});

test("a part of a buffer", () => {
  expect(decodeName(utf8.encode("xxnäme\0"), 2, 7)).toBe("näme");
  expect(decodeName(new Uint8Array(5000).fill(0x61))).toBe("a".repeat(5000));
});

test.each(["\ud800", "a\udfff", "\udc7f", "\udd00"])("%j stands for no bytes", (name) => {
  expect(() => encodeName(name)).toThrow(expect.objectContaining({ errno: Errno.EILSEQ }));
  expect(() => checkName(name)).toThrow(expect.objectContaining({ errno: Errno.EILSEQ }));
  expect(isEncodable(name)).toBe(false);
});

test.each([
  ["", Errno.EINVAL],
  [".", Errno.EINVAL],
  ["..", Errno.EINVAL],
  ["a/b", Errno.EINVAL],
  ["a\0", Errno.EINVAL],
  ["x".repeat(256), Errno.ENAMETOOLONG],
  ["ä".repeat(128), Errno.ENAMETOOLONG],
])("%j names no entry", (name, errno) => {
  expect(() => checkName(name)).toThrow(expect.objectContaining({ errno }));
});

test.each(["a", "...", ".x", "x".repeat(255), "ä".repeat(127), "\udcff"])("%j names an entry", (name) => {
  expect(() => checkName(name)).not.toThrow();
});
