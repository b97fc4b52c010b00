import { type Row, TMPFS } from "./report.js";

const WIDTH = 760;
const LABELS = 270;
const BAR = 8;
const STEP = 2 * BAR + 12;
const TOP = 56;
/** Times of tmpfs, from the left to the right edge, on a logarithmic scale. */
const SCALE = { from: 0.5, to: 64 };
const TICKS = [0.5, 1, 2, 4, 8, 16, 32, 64];

/** Bars, as SVG: what each workload takes on `share` and on 9p, in times of tmpfs. Readable on light and dark ground. */
export function plot(rows: readonly Row[], share: string): string {
  const [kernel] = rows.map((row) => row.kernel);
  const of = (target: string): Row[] => rows.filter((row) => row.kernel === kernel && row.target === target);
  const shares = of(share).filter(({ ratios }) => ratios.has(TMPFS));
  const plan9 = new Map(of("9p loose").map((row) => [row.workload, row.ratios.get(TMPFS)]));
  const height = TOP + shares.length * STEP + 12;
  const bars = shares.flatMap((row, index) => {
    const y = TOP + index * STEP;
    const other = plan9.get(row.workload);
    return [
      `<text class="label" x="${LABELS - 10}" y="${y + BAR + 4}">${row.workload}</text>`,
      bar("share", y, row.ratios.get(TMPFS)!),
      ...(other === undefined ? [] : [bar("plan9", y + BAR + 1, other)]),
    ];
  });
  const ticks = TICKS.map(
    (tick) =>
      `<line class="${tick === 1 ? "one" : "tick"}" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP - 6}" y2="${height - 8}"/>` +
      `<text class="axis" x="${x(tick)}" y="${TOP - 11}">${tick}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">
<title>Time on a share and on v86's 9p, in times of the guest's tmpfs; shorter is better</title>
<style>
text { fill: #24292f } .label { text-anchor: end } .axis { text-anchor: middle; font-size: 10px }
.share { fill: #0969da } .plan9 { fill: #9a6700; opacity: 0.75 }
.tick { stroke: #8c959f; stroke-opacity: 0.35 } .one { stroke: #57606a }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .share { fill: #58a6ff } .plan9 { fill: #d29922 } .one { stroke: #b1bac4 }
}
</style>
<text x="10" y="18" font-weight="600">Time in times of the guest’s tmpfs (1): shorter is better</text>
<rect class="share" x="${LABELS + 180}" y="9" width="10" height="10"/><text x="${LABELS + 196}" y="18">share (${share})</text>
<rect class="plan9" x="${LABELS + 290}" y="9" width="10" height="10"/><text x="${LABELS + 306}" y="18">v86’s 9p (cache=loose)</text>
${[...ticks, ...bars].join("\n")}
</svg>
`;
}

/** From the left edge to where `times` is; what is beyond the scale ends at its end and says so. */
function bar(name: string, y: number, times: number): string {
  const end = x(Math.min(Math.max(times, SCALE.from), SCALE.to));
  const value = times < 9.95 ? times.toFixed(1) : times.toFixed(0);
  return (
    `<rect class="${name}" x="${LABELS}" y="${y}" width="${(end - LABELS).toFixed(1)}" height="${BAR}"/>` +
    `<text class="value" x="${(end + 4).toFixed(1)}" y="${y + BAR}" font-size="9">${value}</text>`
  );
}

function x(times: number): number {
  const whole = Math.log2(SCALE.to / SCALE.from);
  return Math.round(LABELS + (Math.log2(times / SCALE.from) / whole) * (WIDTH - LABELS - 40));
}
