import { number, signed } from './format.ts';
import type { Bucket } from './live-state.ts';
import { t } from './words.ts';

/** Areas upon each other, one a name, over buckets that follow each other; names in the order of `names`. */
export function AreaChart({
  buckets,
  names,
  label,
  from,
  to,
}: {
  readonly buckets: readonly Bucket[];
  readonly names: readonly string[];
  readonly label: string;
  readonly from: string;
  readonly to: string;
}) {
  const sums = buckets.map(({ counts }) => names.reduce((sum, name) => sum + (counts[name] ?? 0), 0));
  const max = Math.max(1, ...sums);
  const x = (i: number): number => (buckets.length < 2 ? WIDTH : (i / (buckets.length - 1)) * WIDTH);
  const base = buckets.map(() => 0);
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={t('chartIs', { what: label, max: number(max) })}>
        <path class="grid" d={`M0 ${HEIGHT / 3}H${WIDTH}M0 ${(HEIGHT * 2) / 3}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        {names.map((name) => {
          const lower = base.map((it, i) => `${x(i)},${y(it, max)}`);
          buckets.forEach(({ counts }, i) => {
            base[i] = (base[i] ?? 0) + (counts[name] ?? 0);
          });
          const upper = base.map((it, i) => `${x(i)},${y(it, max)}`);
          return <path key={name} class={`area c${colourOf(name)}`} d={`M${upper.join('L')}L${lower.toReversed().join('L')}Z`} />;
        })}
      </svg>
      <span class="max num" aria-hidden="true">
        {number(max)}
      </span>
      <figcaption class="axis num" aria-hidden="true">
        <span>{from}</span>
        <span>{to}</span>
      </figcaption>
    </figure>
  );
}

const WIDTH = 600;
const HEIGHT = 150;
const y = (value: number, max: number): number => HEIGHT - (value / max) * (HEIGHT - 8);

/** What the colours of a chart mean. */
export const Legend = ({ names, labelOf }: { readonly names: readonly string[]; readonly labelOf: (name: string) => string }) => (
  <ul class="legend">
    {names.map((name) => (
      <li key={name}>
        <i class={`c${colourOf(name)}`} /> {labelOf(name)}
      </li>
    ))}
  </ul>
);

const COLOURS = 8;
const colours = new Map<string, number>();

/** The number of a name's colour: the same as long as the page is open. */
export function colourOf(name: string): number {
  const known = colours.get(name) ?? colours.size % COLOURS;
  colours.set(name, known);
  return known;
}

/** A line as small as a word; nothing where nothing changed. */
export function Sparkline({ samples }: { readonly samples: readonly number[] }) {
  if (samples.length < 2) return null;
  const low = Math.min(...samples);
  const span = Math.max(...samples) - low;
  if (span === 0) return null;
  const points = samples.map((it, i) => `${(i / (samples.length - 1)) * 60},${16 - ((it - low) / span) * 14}`);
  return (
    <svg class="spark" viewBox="0 0 60 18" role="img" aria-label={t('samples', { n: samples.length })}>
      <path d={`M${points.join('L')}`} />
    </svg>
  );
}

/** One part of a whole. */
export interface Part {
  readonly name: string;
  readonly count: number;
  readonly tone: string;
}

/** Parts of a whole beside each other, with their counts in words below. */
export function StackedBar({ parts, label }: { readonly parts: readonly Part[]; readonly label: string }) {
  return (
    <div class="stack">
      <div class="bar-parts" role="img" aria-label={`${label}: ${parts.map(({ name, count }) => `${name} ${number(count)}`).join(', ')}`}>
        {parts.map(({ name, count, tone }) => count > 0 && <span key={name} class={tone} style={{ flexGrow: count }} />)}
      </div>
      <ul class="legend">
        {parts.map(({ name, count, tone }) => (
          <li key={name}>
            <i class={tone} /> {name} <b class="num">{number(count)}</b>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A difference of shares with its interval, drawn around zero; all in points. */
export function Interval({ at, low, high, label }: { readonly at: number; readonly low: number; readonly high: number; readonly label: string }) {
  const reach = Math.max(Math.abs(low), Math.abs(high), 1) * 1.15;
  const x = (value: number): number => 200 + (value / reach) * 190;
  return (
    <svg class="interval" viewBox="0 0 400 62" role="img" aria-label={label}>
      <path class="axis-line" d="M5 26H395" />
      <path class="zero" d="M200 6V46" />
      <path class="range" d={`M${x(low)} 26H${x(high)}`} />
      <path class="ends" d={`M${x(low)} 19v14M${x(high)} 19v14`} />
      <circle cx={x(at)} cy="26" r="6" />
      <text x="200" y="58">
        0
      </text>
      <text x={x(low)} y="12">
        {signed(low)}
      </text>
      <text x={x(high)} y="12">
        {signed(high)}
      </text>
    </svg>
  );
}
