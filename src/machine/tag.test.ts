import { describe, expect, it } from "vitest";
import { checkTag, makeTag } from "./tag.js";

const none = new Set<string>();

describe("makeTag", () => {
  it("keeps a folder's name where it is legal", () => {
    expect(makeTag("My project", none)).toBe("My project");
  });

  it("makes a name that is taken unique", () => {
    expect(makeTag("src", new Set(["src", "src-2"]))).toBe("src-3");
  });

  it("cuts a long name to 36 bytes at a character", () => {
    const tag = makeTag("ä".repeat(30), new Set(["ä".repeat(18)]));
    expect(tag).toBe(`${"ä".repeat(17)}-2`);
    expect(checkTag(tag, none)).toBe(tag);
  });

  it.each([
    ["", "share"],
    ["..", "share"],
    ["a/b\n", "a-b-"],
  ])("makes %j legal", (name, tag) => {
    expect(makeTag(name, none)).toBe(tag);
  });
});

describe("checkTag", () => {
  it.each([
    ["", /cannot be/],
    ["a/b", /“\/”/],
    ["x".repeat(37), /37 bytes/],
    ["a\nb", /control/],
  ])("refuses %j and says why", (tag, message) => {
    expect(() => checkTag(tag, none)).toThrow(message);
  });

  it("refuses a tag that is taken", () => {
    expect(() => checkTag("home", new Set(["home"]))).toThrow(/taken/);
  });
});
