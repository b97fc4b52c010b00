import { expect, it } from "vitest";
import { readJournal, withoutCopies } from "./scratch-journal.js";

it("reads the last word on each copy, and passes over what is torn", () => {
  const text = [
    `{"id":1,"share":"s","path":"a"}`,
    `{"id":2,"share":"s","path":"b"}`,
    `{"id":1,"free":true}`,
    `{"id":2,"share":"s","path":"c","base":{"size":1,"lastModified":2}}`,
    `{"id":3,"sha`,
  ].join("\n");
  const labels = readJournal(text);
  expect(labels.get(1)).toBe("free");
  expect(labels.get(2)).toMatchObject({ path: "c", base: { size: 1, lastModified: 2 } });
  expect(labels.has(3)).toBe(false);
});

it("forgets copies, and what is torn", () => {
  const kept = `{"id":2,"share":"s","path":"b"}\n`;
  const text = `{"id":1,"share":"s","path":"a"}\n${kept}{"id":1,"free":true}\n{"id":3`;
  expect(withoutCopies(text, [1])).toBe(kept);
});
