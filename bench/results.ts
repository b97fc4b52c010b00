import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import type { Sample } from "./measure.js";
import type { PageFigures } from "./page-figures.js";
import { plot } from "./plot.js";
import { median, rows, table } from "./report.js";

export interface Run {
  readonly command: string;
  readonly host: string;
  readonly rounds: number;
  readonly passes: number;
  readonly shares: readonly string[];
  readonly samples: readonly Sample[];
  readonly page: PageFigures | undefined;
  /** Programs that ran or waited at its start, on average over a minute. */
  readonly load: number;
}

export function currentLoad(): number {
  return loadavg()[0]!;
}

/** Writes bench/RESULTS.md, and beside it the plot that README shows. */
export function writeResults(run: Run): void {
  const all = rows(run.samples);
  writeFileSync("bench/RESULTS.md", markdown(run));
  writeFileSync("bench/results.svg", plot(all, run.shares[0]!));
}

function markdown({ command, host, rounds, passes, shares, samples, page, load }: Run): string {
  const cores = cpus();
  const parts = [
    "# Results of the last run",
    "Written by the command itself: do not edit. What the columns mean is in `bench/README.md`.",
    [
      `- \`${command}\``,
      `- ${new Date().toISOString().slice(0, 10)}, ${host}, ${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}`,
      `- machines: ${rounds}, passes in each after the first: ${passes}`,
      `- load of the host at the start: ${load.toFixed(1)}${load > cores.length / 2 ? " – **other programs ran meanwhile: times are too long, ratios scatter**" : ""}`,
    ].join("\n"),
    markdownTable(table(rows(samples), shares)),
    ...(page ? ["## The page", pageFigures(page)] : []),
  ];
  return `${parts.join("\n\n")}\n`;
}

function pageFigures({ firstVisit, nextVisit, download, workerHeap, idle }: PageFigures): string {
  const seconds = (times: readonly number[]): string => `${(median(times)! / 1000).toFixed(2)} s`;
  return markdownTable([
    ["", "median"],
    ["navigation to a usable shell, first visit", seconds(firstVisit)],
    ["navigation to a usable shell, next visit", seconds(nextVisit)],
    ["download until the shell (what compresses, by gzip)", `${(download / 1e6).toFixed(2)} MB`],
    ["JavaScript heap of the Worker at rest", `${(workerHeap / 1e6).toFixed(1)} MB`],
    ["processor of an idle machine, all of Chromium, of one core", `${idle.toFixed(1)} %`],
  ]);
}

/** With columns as wide as prettier makes them. */
function markdownTable([head, ...lines]: readonly (readonly string[])[]): string {
  const all = [head!, ...lines];
  const widths = head!.map((_, column) => Math.max(3, ...all.map((line) => line[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  return [line(head!), line(widths.map((width) => "-".repeat(width))), ...lines.map(line)].join("\n");
}
