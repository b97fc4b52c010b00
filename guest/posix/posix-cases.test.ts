import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runInGuest } from "../../src/machine/guest-command.js";
import type { Machine } from "../../src/machine/machine.js";
import { bootUnderNode, shareMemory, shell } from "../../src/machine/testing/node-machine.js";
import { MemoryStore } from "../../src/storage/memory/memory-store.js";
import { failedCases, installFrom, PROGRAM } from "./run-in-guest.js";

const themes = readdirSync("guest/posix/cases").map((file) => file.replace(/\.c$/, ""));

describe("what Linux promises of a file system, on a memory store", () => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await bootUnderNode();
    await shareMemory(machine, "tools", new MemoryStore({ "posix-cases": readFileSync("guest/posix/posix-cases") }));
    await shell(machine, installFrom("tools"));
    await shareMemory(machine, "work");
  }, 60_000);

  afterAll(() => machine.stop());

  it("a time limit that is no number of seconds is refused", async () => {
    for (const limit of ["", "0", "-1", "60s", "99999999999"]) {
      const command = `POSIX_CASES_TIME_LIMIT=${limit} ${PROGRAM} /mnt/work "open: *"`;
      const { status, stderr } = await runInGuest(machine.agent, ["sh", "-c", command]);
      expect(`${status >> 8} ${stderr}`).toMatch(/^2 posix-cases: POSIX_CASES_TIME_LIMIT is no number/);
    }
  });

  it.each(themes)(
    "%s",
    async (theme) => {
      const { stdout, stderr } = await runInGuest(machine.agent, [PROGRAM, "/mnt/work", `${theme}: *`]);
      expect(stderr).toBe("");
      expect(failedCases(stdout)).toEqual([]);
    },
    300_000,
  );
});
