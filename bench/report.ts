import type { Sample } from "./measure.js";

/** What one workload came to on one target. */
export interface Row {
  readonly kernel: string;
  readonly workload: string;
  readonly target: string;
  /** Median of the later passes, in milliseconds. */
  readonly milliseconds: number;
  /** Median over the rounds of: the first pass' time, in times of the second's. */
  readonly first: number | undefined;
  /** By other target: how many times its time this is; the median over the later passes. */
  readonly ratios: ReadonlyMap<string, number>;
  /** The same against tmpfs, in what processors worked. */
  readonly processor: number | undefined;
  /** MB/s, of what moves bytes. */
  readonly speed: number | undefined;
  /** Of a share, in the last pass. */
  readonly requests: string;
  readonly interrupts: number | undefined;
}

export const TMPFS = "tmpfs";

/** One row for each kernel, workload and target. */
export function rows(samples: readonly Sample[]): Row[] {
  const keys = unique(samples.map((sample) => JSON.stringify([sample.kernel, sample.workload, sample.target])));
  return keys.flatMap((key) => {
    const [kernel, workload, target] = JSON.parse(key) as [string, string, string];
    const own = samples.filter((sample) => sample.kernel === kernel && sample.workload === workload);
    const later = own.filter((sample) => sample.target === target && sample.pass > 1);
    if (later.length === 0) return []; // The time was over.
    const at = (round: number, pass: number, on: string): Sample | undefined =>
      own.find((sample) => sample.round === round && sample.pass === pass && sample.target === on);
    const times = (of: "milliseconds" | "processorMilliseconds", other: string): number | undefined =>
      median(
        later.flatMap(({ round, pass, [of]: time }) => {
          const beside = at(round, pass, other);
          return beside ? [time / beside[of]] : [];
        }),
      );
    const first = own.flatMap(({ round, pass, target: on, milliseconds }) => {
      const second = pass === 1 && on === target ? at(round, 2, target) : undefined;
      return second ? [milliseconds / second.milliseconds] : [];
    });
    const others = unique(own.map((sample) => sample.target)).filter((other) => other !== target);
    const ratios = others.flatMap((other) => {
      const ratio = times("milliseconds", other);
      return ratio === undefined ? [] : [[other, ratio] as const];
    });
    const [last] = later.slice(-1);
    const milliseconds = median(later.map((sample) => sample.milliseconds))!;
    return {
      kernel,
      workload,
      target,
      milliseconds,
      first: median(first),
      ratios: new Map(ratios),
      processor: target === TMPFS ? undefined : times("processorMilliseconds", TMPFS),
      speed: last?.bytes && last.bytes / milliseconds / 1000,
      requests: last?.requests ? requestsInWords(last.requests) : "",
      interrupts: last?.interrupts,
    };
  });
}

/** Heading and cells of the rows of `targets`. */
export function table(all: readonly Row[], targets: readonly string[]): string[][] {
  const shown = all.filter(({ target }) => targets.includes(target));
  const others = unique(shown.flatMap(({ ratios }) => [...ratios.keys()])).filter((name) => !targets.includes(name));
  const kernels = unique(shown.map(({ kernel }) => kernel));
  const head = [
    ...(kernels.length > 1 ? ["kernel"] : []),
    "share",
    "workload",
    "time",
    ...others.map((name) => `× ${name}`),
    "× tmpfs, processor",
    "first pass",
    "interrupts",
    "requests",
  ];
  const lines = shown.map((row) => [
    ...(kernels.length > 1 ? [row.kernel] : []),
    row.target,
    row.workload,
    `${row.milliseconds.toFixed(0)} ms${row.speed === undefined ? "" : `, ${row.speed.toFixed(0)} MB/s`}`,
    ...others.map((name) => row.ratios.get(name)?.toFixed(2) ?? ""),
    row.processor && Number.isFinite(row.processor) ? row.processor.toFixed(2) : "",
    row.first === undefined ? "" : `× ${row.first.toFixed(1)}`,
    String(row.interrupts ?? ""),
    row.requests,
  ]);
  return [head, ...lines];
}

/** The rows of the shares as a table for a terminal. */
export function inWords(samples: readonly Sample[], shares: readonly string[]): string {
  const lines = table(rows(samples), shares);
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function requestsInWords(requests: Readonly<Record<string, number>>): string {
  const each = Object.entries(requests).map(([operation, count]) => `${count} ${operation}`);
  return each.join(", ") || "none";
}

export function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return sorted.length === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
