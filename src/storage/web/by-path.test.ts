import { expect, it } from "vitest";
import { ByPath } from "./by-path.js";

it("follows a rename, with what is below, over what was there", () => {
  const known = new ByPath([
    ["a", 1],
    ["a/x", 2],
    ["ab", 3],
    ["b/y", 4],
  ]);
  known.rename("a", "b");
  expect(Object.fromEntries(known)).toEqual({ ab: 3, b: 1, "b/x": 2 });
  known.rename("b", "b");
  expect(known.size).toBe(3);
});
