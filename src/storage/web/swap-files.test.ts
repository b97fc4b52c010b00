import { expect, it } from "vitest";
import { swapOf } from "./swap-files.js";

it("knows a swap file by the file that it is of", () => {
  const names = new Set(["a", "b.c", "a.1"]);
  expect(swapOf("a.crswap", names)).toBe("a");
  expect(swapOf("b.c.2.crswap", names)).toBe("b.c");
  expect(swapOf("a.1.crswap", names)).toBe("a.1");
  expect(swapOf("other.crswap", names)).toBeUndefined();
  expect(swapOf("a", names)).toBeUndefined();
});
