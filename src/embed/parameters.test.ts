import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import { PARAMETERS, readParameters } from "./parameters.js";

vi.stubGlobal("location", { href: "https://vm.example/embed.html" });

describe("the parameters of a frame", () => {
  it("are read from the fragment", () => {
    const { parameters, errors } = readParameters(
      "#load=click&command=ls+-l&type=make&file:src/a.c=int&allow=https://docs.example&memory=96&files=a.zip",
    );
    expect(errors).toEqual([]);
    expect(parameters).toMatchObject({
      load: "click",
      lines: [
        { text: "ls -l", run: true },
        { text: "make", run: false },
      ],
      allow: ["https://docs.example"],
      memory: 96,
      inline: new Map([["src/a.c", "int"]]),
    });
    expect(parameters.files?.href).toBe("https://vm.example/a.zip");
  });

  it.each([
    ["load=click&load=now", "“load” is given twice."],
    ["file:a=1&file:a=2", "“file:a” is given twice."],
    ["allow=https://docs.example/", "“allow” is an origin"],
    ["allow=null", "“allow” is an origin"],
    ["memory=71", "“memory” is a whole number from 72 to 512."],
    ["command=a%0Ab", "“command” has a control character"],
    ["files=https://me:secret@example.com/a.zip", "has a password in it"],
    ["opfs=../x", "“opfs” has letters"],
    ["file:=1", "is not a path"],
    ["file:a//b=1", "is not a path"],
    [Array.from({ length: 21 }, () => "command=a").join("&"), "one line too many"],
  ])("are refused: %s", (fragment, said) => expect(readParameters(fragment).errors.join()).toContain(said));

  it("are what the documentation says", () => {
    const documentation = readFileSync(new URL("../../docs/embed.md", import.meta.url), "utf8");
    const rows = [...documentation.matchAll(/^\| `([\w:]+)` +\| (.*?) +\| (.*?) +\|$/gm)].map((row) => row.slice(1));
    expect(rows).toEqual(PARAMETERS.map(({ name, values, meaning }) => [name, values, meaning]));
  });
});
