import { availableParallelism, cpus, loadavg } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_MS = 1_000;
/** Above this share of the processors at work before anything begins, others take time away from a benchmark. */
const BUSY = 0.15;

/** What stands above every table: cores, processor, Node, and what others do on the machine. A busy machine is said to be one: its figures are worth little. */
export async function machineLines(): Promise<readonly string[]> {
  const share = await shareAtWork();
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  const load = `load ${(loadavg()[0] ?? 0).toFixed(2)}, ${Math.round(100 * share)} % at work before the start`;
  const line = `machine: ${availableParallelism()} cores, ${processor}, Node ${process.version}, ${load}, ${new Date().toISOString()}`;
  return [line, share > BUSY ? 'BUSY MACHINE: others run beside this.' : 'quiet machine: nobody runs beside this.'];
}

/** The share of all processors that worked in the second looked at; the load of the last minute may be one's own last benchmark. */
async function shareAtWork(): Promise<number> {
  const before = ticks();
  await sleep(LOOK_MS);
  const after = ticks();
  return 1 - (after.idle - before.idle) / (after.all - before.all);
}

function ticks(): { readonly idle: number; readonly all: number } {
  const times = cpus().map((cpu) => cpu.times);
  const sum = (of: (each: (typeof times)[number]) => number): number => times.map(of).reduce((a, b) => a + b, 0);
  return { idle: sum(({ idle }) => idle), all: sum(({ user, nice, sys, idle, irq }) => user + nice + sys + idle + irq) };
}
