import { date, number } from './format.ts';
import { t } from './words.ts';

/** A size from a moment on, as `GetSegmentSize` tells it. */
export interface SizeAt {
  readonly fromMs?: string;
  readonly size?: string;
}

const WIDTH = 600;
const HEIGHT = 150;

/** How many were in a segment, as steps: a size holds until the next change. Nothing where nobody ever came in. */
export function SizeChart({ name, sizes, spanMs }: { readonly name: string; readonly sizes: readonly SizeAt[]; readonly spanMs: number }) {
  const points = sizes.map(({ fromMs, size }) => ({ atMs: Number(fromMs ?? 0), size: Number(size ?? 0) }));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return <p class="note pad">{t('nobodyYet')}</p>;
  const untilMs = last.atMs + spanMs;
  const max = Math.max(1, ...points.map(({ size }) => size));
  const x = (ms: number): number => ((ms - first.atMs) / Math.max(1, untilMs - first.atMs)) * WIDTH;
  const y = (size: number): number => HEIGHT - (size / max) * (HEIGHT - 8);
  const steps = points.map(({ atMs, size }) => `H${x(atMs)}V${y(size)}`).join('');
  const told = t('sizeChartIs', { name, from: number(first.size), to: number(last.size), max: number(max) });
  return (
    <figure class="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={told}>
        <path class="grid" d={`M0 ${HEIGHT / 3}H${WIDTH}M0 ${(HEIGHT * 2) / 3}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}`} />
        <path class="area c0" d={`M0 ${HEIGHT}${steps}H${WIDTH}V${HEIGHT}Z`} />
      </svg>
      <span class="max num" aria-hidden="true">
        {number(max)}
      </span>
      <figcaption class="axis num" aria-hidden="true">
        <span>{date(first.atMs)}</span>
        <span>{date(untilMs)}</span>
      </figcaption>
    </figure>
  );
}
