import type { Profiler } from 'node:inspector';
import { Session } from 'node:inspector/promises';

/** How much of the time on the processor went to one part of the code. */
export interface Share {
  readonly where: string;
  /** Of all samples but the idle ones, in [0, 1]. */
  readonly share: number;
}

const SAMPLE_EVERY_US = 500;
const SHARES_MAX = 14;

/** Starts sampling this process; the answer ends it and tells where the time went, most first: by package, library or folder of a service, by own time. */
export async function startProfile(): Promise<() => Promise<readonly Share[]>> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  await session.post('Profiler.start');
  return async () => {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    return sharesOf(profile);
  };
}

function sharesOf({ nodes, samples = [] }: Profiler.Profile): readonly Share[] {
  const whereOf = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame.url, callFrame.functionName)]));
  const counts = new Map<string, number>();
  let all = 0;
  for (const sample of samples) {
    const where = whereOf.get(sample) ?? IDLE;
    if (where === IDLE) continue;
    counts.set(where, (counts.get(where) ?? 0) + 1);
    all++;
  }
  return [...counts]
    .map(([where, count]) => ({ where, share: count / all }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, SHARES_MAX);
}

const IDLE = '(idle)';

/** Native functions of the engine have no url, and count under their own names, as do the collector and the program (system calls, mostly). */
function placeOf(url: string, name: string): string {
  if (url === '') return name.startsWith('(') ? name : `built-in ${name}`;
  const dependency = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (dependency !== undefined && !dependency.startsWith('@attune/')) return dependency;
  if (url.startsWith('node:')) return `Node: ${/^node:(?:internal\/)?([^/]+)/.exec(url)?.[1] ?? ''}`;
  return /\/((?:services\/[^/]+\/src\/[^/]+|libs\/[^/]+|bench))\//.exec(url)?.[1]?.replace('/src/', '/') ?? 'other';
}

/** One line of shares, such as `ioredis 12 %`. */
export const shareLine = (shares: readonly Share[]): string => shares.map(({ where, share }) => `${where} ${Math.round(100 * share)} %`).join(', ');
