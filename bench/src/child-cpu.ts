import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second for programs (USER_HZ). */
const TICKS_PER_S = 100;

/** Processor time in s of the processes that this one started and whose command line holds the word; NaN where there is none, or no /proc. */
export function childCpuS(word: string): number {
  const times = processIds().flatMap((pid) => timeOf(pid, word));
  return times.length === 0 ? Number.NaN : times.reduce((a, b) => a + b, 0);
}

function processIds(): readonly string[] {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
}

function timeOf(pid: string, word: string): readonly number[] {
  try {
    // The command in parentheses may hold anything; after it: state, parent, …, utime and stime as the 12th and 13th.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    if (Number(fields[1]) !== process.pid || !readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(word)) return [];
    return [(Number(fields[11]) + Number(fields[12])) / TICKS_PER_S];
  } catch {
    return []; // it has just ended
  }
}
