import { describe, expect, it } from "vitest";
import { Errno } from "../../posix/errno.js";
import { encodedLength } from "../../posix/name.js";
import { fails } from "../testing/store-case.js";
import { checkChromiumName } from "./chromium-name.js";
import { nameBeside } from "./conflict-name.js";

describe("checkChromiumName", () => {
  it.each(["a:b", "CON", "x.lnk", ".git", "日本語", "\udcff", "x".repeat(255), ":".repeat(85)])("takes %j", (name) =>
    checkChromiumName(name),
  );

  it("refuses a name that is too long as it is spelled", async () => {
    await fails(Errno.ENAMETOOLONG, () => checkChromiumName(":".repeat(86)), "258 bytes");
    await fails(Errno.ENAMETOOLONG, () => checkChromiumName(`${"x".repeat(253)}:`), "256 bytes");
  });
});

describe("nameBeside", () => {
  const when = new Date(2026, 10, 2, 6, 1, 2);

  it("says when", () => {
    expect(nameBeside("a.txt", "conflict", when, 1)).toBe("a.txt.conflict-2026-11-02-060102");
    expect(nameBeside("a.txt", "conflict", when, 3)).toBe("a.txt.conflict-2026-11-02-060102-3");
  });

  it("is never too long", () => {
    for (const name of ["é".repeat(127), ":".repeat(85)]) {
      const beside = nameBeside(name, "conflict", when, 1);
      expect(beside).toMatch(/^[é:]+\.conflict-/);
      expect(encodedLength(beside)).toBeLessThanOrEqual(255);
      checkChromiumName(beside);
    }
  });
});
