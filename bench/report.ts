import type { Sample } from "./measure.js";

/** What one workload came to on one share. */
export interface Row {
  readonly kernel: string;
  readonly workload: string;
  readonly share: string;
  /** Medians of the second pass, in milliseconds. */
  readonly milliseconds: number;
  /** Median over the rounds of: the first pass' time, in times of the second's. */
  readonly first: number;
  /** By target: how many times the share's time is the target's; the median over the rounds. */
  readonly ratios: ReadonlyMap<string, number>;
  readonly bytes: number | undefined;
  /** Of the second pass. */
  readonly requests: string;
  readonly interrupts: number;
}

/** One row for each kernel, workload and share. */
export function rows(samples: readonly Sample[], shares: readonly string[]): Row[] {
  const names = unique(samples.map(({ kernel, workload }) => `${kernel}\n${workload}`));
  return names.flatMap((name) => {
    const own = samples.filter(({ kernel, workload }) => `${kernel}\n${workload}` === name);
    const others = unique(own.map(({ target }) => target)).filter((target) => !shares.includes(target));
    return shares.flatMap((share) => {
      const second = own.filter(({ target, pass }) => target === share && pass === 2);
      const [last] = second.slice(-1);
      if (!last) return [];
      const ratio = (pass: number, target: string) =>
        median(
          second.flatMap(({ round, milliseconds }) => {
            const other = own.find(
              (sample) => sample.round === round && sample.pass === pass && sample.target === target,
            );
            return other ? [milliseconds / other.milliseconds] : [];
          }),
        );
      return {
        kernel: last.kernel,
        workload: last.workload,
        share,
        milliseconds: median(second.map(({ milliseconds }) => milliseconds)),
        first: 1 / ratio(1, share),
        ratios: new Map(others.map((target) => [target, ratio(2, target)])),
        bytes: last.bytes,
        requests: Object.entries(last.requests ?? {})
          .map(([operation, count]) => `${count} ${operation}`)
          .join(", "),
        interrupts: last.interrupts ?? 0,
      };
    });
  });
}

/** The rows as a table for a terminal. */
export function inWords(samples: readonly Sample[], shares: readonly string[]): string {
  const table = rows(samples, shares);
  const targets = unique(table.flatMap(({ ratios }) => [...ratios.keys()]));
  const head = [
    "kernel",
    "share",
    "workload",
    "time",
    "first pass",
    ...targets.map((target) => `× ${target}`),
    "interrupts",
    "requests",
  ];
  const lines = table.map((row) => [
    row.kernel,
    row.share,
    row.workload,
    `${row.milliseconds.toFixed(0)} ms`,
    `× ${row.first.toFixed(1)}`,
    ...targets.map((target) => row.ratios.get(target)?.toFixed(2) ?? ""),
    String(row.interrupts),
    row.requests || "none",
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)));
  return [head, ...lines]
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
