import { describe, expect, it } from "vitest";
import { Errno } from "../../posix/errno.js";
import { encodedLength } from "../../posix/name.js";
import { fails } from "../testing/store-case.js";
import { checkChromiumName } from "./chromium-name.js";
import { conflictName } from "./conflict-name.js";

describe("checkChromiumName", () => {
  it.each(["a:b", "a\tb", " a", "a ", "a.", "a~", "CON", "con.txt", "x.lnk", "Thumbs.db", "a\u200db", "..a"])(
    "refuses %j",
    async (name) => fails(Errno.EINVAL, () => checkChromiumName(name), name),
  );

  it.each([".git", "a b", "con2", "x.crswap", "日本語", "😀", "a~b", "a'b", "x".repeat(248)])("takes %j", (name) =>
    checkChromiumName(name),
  );

  it("leaves room for the name of the swap file", async () => {
    await fails(Errno.ENAMETOOLONG, () => checkChromiumName("x".repeat(249)), "249 bytes");
  });
});

describe("conflictName", () => {
  const when = new Date(2026, 10, 2, 6, 1, 2);

  it("says when", () => {
    expect(conflictName("a.txt", when, 1)).toBe("a.txt.conflict-2026-11-02-060102");
    expect(conflictName("a.txt", when, 3)).toBe("a.txt.conflict-2026-11-02-060102-3");
  });

  it("is never too long", () => {
    const name = conflictName("é".repeat(124), when, 1);
    expect(encodedLength(name)).toBeLessThanOrEqual(248);
    checkChromiumName(name);
  });
});
