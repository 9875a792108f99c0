import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Child } from './child.ts';
import { median, startCost } from './measure.ts';
import { quantile } from './table.ts';

/** What is called, in bytes: the client neither writes nor reads messages, so that all that differs is behind the wire. */
export interface Target {
  readonly client: Client;
  readonly path: string;
  readonly requestAt: (index: number) => Buffer;
  /** Whose processor time a call costs. */
  readonly servers: readonly Child[];
}

/** What one round of calls came to. */
export interface Round {
  readonly latenciesMs: readonly number[];
  readonly wallS: number;
  readonly serverCpuS: number;
}

/** Several rounds taken together. */
export interface CallFigures {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly callsPerS: number;
  /** Processor time of the servers for a call, in µs. */
  readonly cpuUs: number;
}

const FLAT = 0.05;
const WARM_ROUNDS_MAX = 8;
const NO_METADATA = new Metadata();
const DEADLINE_MS = 5_000;

/** A connection as plain as the services' own. */
export const plainClient = (address: string): Client => new Client(address, credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });

/** One call; answers the bytes. */
export const callOnce = ({ client, path }: Pick<Target, 'client' | 'path'>, request: Buffer): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const options = { deadline: Date.now() + DEADLINE_MS };
    client.makeUnaryRequest(path, asItIs, asItIs, request, NO_METADATA, options, (fault, bytes) => {
      if (fault !== null || bytes === undefined) reject(fault ?? new Error('no answer'));
      else resolve(bytes);
    });
  });

const asItIs = (bytes: Buffer): Buffer => bytes;

/** So many callers, each with one call under way, for so long. */
export async function callRound(target: Target, { callers, ms }: { readonly callers: number; readonly ms: number }): Promise<Round> {
  const latenciesMs: number[] = [];
  const before = await cpuOf(target.servers);
  const cost = startCost();
  const endsAtMs = performance.now() + ms;
  let next = 0;
  const caller = async (): Promise<void> => {
    for (let fromMs = performance.now(); fromMs < endsAtMs; fromMs = performance.now()) {
      await callOnce(target, target.requestAt(next++));
      latenciesMs.push(performance.now() - fromMs);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  const { wallS } = cost();
  return { latenciesMs, wallS, serverCpuS: (await cpuOf(target.servers)) - before };
}

/** Calls until the processor time of a call changes by less than 5 % from one round to the next. */
export async function warm(target: Target, load: { readonly callers: number; readonly ms: number }): Promise<void> {
  let before = Number.POSITIVE_INFINITY;
  for (let round = 0; round < WARM_ROUNDS_MAX; round++) {
    const { serverCpuS, latenciesMs } = await callRound(target, load);
    const now = serverCpuS / latenciesMs.length;
    if (Math.abs(before - now) < FLAT * now) return;
    before = now;
  }
}

/** Medians over rounds; quantiles over all calls. */
export function figuresOf(rounds: readonly Round[]): CallFigures {
  const all = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    callsPerS: median(rounds.map(({ latenciesMs, wallS }) => latenciesMs.length / wallS)),
    cpuUs: median(rounds.map(({ latenciesMs, serverCpuS }) => (1e6 * serverCpuS) / latenciesMs.length)),
  };
}

const cpuOf = async (servers: readonly Child[]): Promise<number> => (await Promise.all(servers.map((server) => server.cpuS()))).reduce((a, b) => a + b, 0);
