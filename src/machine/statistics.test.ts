import { expect, it, onTestFinished } from "vitest";
import type { ShareStatistics } from "../client/types.js";
import { statisticsOf } from "./statistics.js";
import { bootUnderNode, shareMemory, shell } from "./testing/node-machine.js";

it("counts requests, and the bytes of content that they move, for each share", async () => {
  const machine = await bootUnderNode();
  onTestFinished(() => machine.stop());
  await shareMemory(machine, "work");
  await shareMemory(machine, "other");
  const statistics = (): ShareStatistics[] => ["work", "other"].map((tag) => statisticsOf(machine.shares.find(tag)));
  const before = statistics();
  await shell(machine, "cd /mnt/work && head -c 10000 /dev/zero > zeros && sync && echo 3 > /proc/sys/vm/drop_caches");
  const written = statistics();
  await shell(machine, "cat /mnt/work/zeros > /dev/null && cat /mnt/work/zeros > /dev/null");
  const read = statistics();
  expect(before.map(({ tag, bytesRead, bytesWritten }) => [tag, bytesRead, bytesWritten])).toEqual([
    ["work", 0, 0],
    ["other", 0, 0],
  ]);
  expect(written[0]).toMatchObject({ bytesRead: 0, bytesWritten: 10_000 });
  expect(written[0]!.requests).toMatchObject({ INIT: 1, CREATE: 1 });
  expect(read[0]).toMatchObject({ bytesRead: 10_000, bytesWritten: 10_000 });
  expect(read[1]).toEqual(written[1]);
  const requests = (index: number): number =>
    Object.values([before, read][index]![0]!.requests).reduce((sum, count) => sum + count, 0);
  expect(read[0]!.notifications - before[0]!.notifications).toBeGreaterThan(0);
  expect(read[0]!.notifications - before[0]!.notifications).toBeLessThanOrEqual(requests(1) - requests(0));
  expect(read[0]!.interrupts).toBeLessThanOrEqual(read[0]!.notifications);
});
