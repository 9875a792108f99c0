import { availableParallelism, cpus, loadavg } from 'node:os';

/** From this many runnable tasks a core on, others take processor time away from a benchmark. */
const BUSY_PER_CORE = 0.5;

/** What stands above every table: cores, processor, Node and the load of the last minute. A busy machine is said to be one: its figures are worth little. */
export function machineLines(): readonly string[] {
  const cores = availableParallelism();
  const load = loadavg()[0] ?? 0;
  const line = `machine: ${cores} cores, ${cpus()[0]?.model.trim() ?? 'unknown processor'}, Node ${process.version}, load ${load.toFixed(2)} at the start, ${new Date().toISOString()}`;
  return load > BUSY_PER_CORE * cores ? [line, `BUSY MACHINE: the load is above ${(BUSY_PER_CORE * cores).toFixed(1)}, so others ran beside this.`] : [line];
}
