import type { ReplayProgress } from './replay.ts';

/** As much of a terminal's stream as the bar needs. */
export interface BarStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows the progress of a replay: in a terminal one line that is rewritten at each percent, elsewhere a line every 10 %. */
export function progressBar(out: BarStream): (progress: ReplayProgress) => void {
  const { isTTY = false, columns = 80 } = out;
  let shown = -1;
  return ({ fromMs, toMs, atMs, publishedEvents, done }) => {
    // The end is told once: when the clock has been handed over.
    const share = done ? 1 : Math.min(0.999, (atMs - fromMs) / Math.max(1, toMs - fromMs));
    const percent = Math.floor(share * (isTTY ? 100 : 10) + 1e-9) * (isTTY ? 1 : 10);
    if (percent === shown && !done) return;
    shown = percent;
    const day = new Date(atMs).toISOString().slice(0, 10);
    const words = `${String(percent).padStart(3)} % ${day} ${publishedEvents} events`;
    const width = Math.max(0, Math.min(30, columns - words.length - 4));
    const bar = '█'.repeat(Math.round(share * width)).padEnd(width, '░');
    out.write(isTTY ? `\r${bar} ${words}\x1b[K${done ? '\n' : ''}` : `replay: ${words}\n`);
  };
}
