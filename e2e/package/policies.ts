import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../../scripts/npm.mjs";

/** The policies that a page of the documentation prints, in their order. */
export async function printedPolicies(page: "npm" | "embed"): Promise<string[]> {
  const text = await readFile(join(root, `docs/${page}.md`), "utf8");
  return [...text.matchAll(/^Content-Security-Policy: (.*)$/gm)].map(([, policy]) => policy!);
}

/** The policy without each of its sources in turn; a directive that has none left is left out. */
export function eachSourceLess(policy: string): { directive: string; source: string; rest: string }[] {
  const [first, ...directives] = policy.split("; ");
  return directives.flatMap((directive) => {
    const [name, ...sources] = directive.split(" ");
    return sources.map((source) => {
      const left = sources.filter((other) => other !== source);
      const others = directives.filter((other) => other !== directive);
      const rest = [first, ...others, ...(left.length === 0 ? [] : [[name, ...left].join(" ")])].join("; ");
      return { directive: name!, source, rest };
    });
  });
}
