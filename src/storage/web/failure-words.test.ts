import { expect, it } from "vitest";
import { REMOVING, fsErrorFrom } from "./dom-errors.js";
import { failureInWords } from "./failure-words.js";

it.each([
  ["NoModificationAllowedError", /can only be read.* Make it writable/],
  ["NotReadableError", /in the cloud only: keep it on this computer/],
  ["NotFoundError", /not there any more/],
  ["TypeMismatchError", /a folder where a file is meant/],
  ["NotAllowedError", /Allow it when the browser asks/],
])("%s is said with what to do", (name, words) => {
  const error = new DOMException("Failed to execute 'x'.", name);
  expect(failureInWords(error)).toMatch(words);
  expect(failureInWords(fsErrorFrom(error, "save"))).toMatch(words);
});

it("a directory that is not as empty as it looks is said with what may be in it", () => {
  const error = new DOMException("The state had changed.", "InvalidStateError");
  expect(failureInWords(fsErrorFrom(error, "remove", REMOVING))).toMatch(/a symbolic link\. Take that out/);
});

it("what means nothing to a visitor is said as it is", () => {
  expect(failureInWords(new Error("odd"))).toBe("odd.");
  expect(failureInWords(fsErrorFrom(new DOMException("State.", "InvalidStateError"), "save"))).toBe(
    "EIO: save: State.",
  );
});
