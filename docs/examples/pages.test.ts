import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), "utf8");

test("docs/storage.md shows the example that is tested, and that is short", () => {
  const example = read("http-tree.ts");
  expect(read("../storage.md")).toContain(`\`\`\`ts\n${example}\`\`\``);
  expect(example.trimEnd().split("\n").length).toBeLessThanOrEqual(60);
});
