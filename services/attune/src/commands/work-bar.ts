import type { BarStream } from '../demo/progress-bar.ts';

/** Shows how far a piece of work is: in a terminal one line that is rewritten at each percent, elsewhere a line every 25 %. `noun`: what is counted, in the plural. */
export function workBar(out: BarStream, verb: string, noun: string): (done: number, total: number) => void {
  const { isTTY = false, columns = 80 } = out;
  let shown = -1;
  return (done, total) => {
    const step = isTTY ? 1 : 25;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total / step) * step;
    if (percent === shown) return;
    shown = percent;
    const words = `${String(percent).padStart(3)} % ${done} of ${total} ${noun}`;
    const width = Math.max(0, Math.min(30, columns - words.length - 4));
    const bar = '█'.repeat(Math.round((percent / 100) * width)).padEnd(width, '░');
    out.write(isTTY ? `\r${bar} ${words}\x1b[K${percent === 100 ? '\n' : ''}` : `${verb}: ${words}\n`);
  };
}
