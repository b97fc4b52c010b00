import { describe, expect, it } from "vitest";
import { controlCharacter, keySequence } from "./control-sequences.js";

describe("keySequence", () => {
  const plain = { applicationCursorKeys: false, ctrl: false };

  it("follows the cursor key mode", () => {
    expect(keySequence("ArrowUp", plain)).toBe("\x1b[A");
    expect(keySequence("ArrowUp", { ...plain, applicationCursorKeys: true })).toBe("\x1bOA");
  });

  it("gives arrows the Ctrl modifier in both modes", () => {
    expect(keySequence("ArrowLeft", { applicationCursorKeys: true, ctrl: true })).toBe("\x1b[1;5D");
  });

  it("sends Escape and Tab as they are", () => {
    expect(keySequence("Escape", plain)).toBe("\x1b");
    expect(keySequence("Tab", plain)).toBe("\t");
  });
});

describe("controlCharacter", () => {
  it.each([
    ["c", "\x03"],
    ["C", "\x03"],
    ["[", "\x1b"],
    [" ", "\0"],
    ["?", "\x7f"],
    ["1", "1"],
    ["é", "é"],
    ["pasted text", "pasted text"],
  ])("makes %j %j", (character, sent) => expect(controlCharacter(character)).toBe(sent));
});
