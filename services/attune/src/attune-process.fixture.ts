import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PATIENCE_MS = 240_000;
/** For vi.setConfig: a start takes two seconds of a processor, so that a test with several of them takes minutes where others have most of the machine. */
export const withProcesses = { testTimeout: PATIENCE_MS, hookTimeout: PATIENCE_MS };

const MAIN = join(import.meta.dirname, 'main.ts');
const folders: string[] = [];
const running = new Set<ChildProcess>();

/** An Attune that listens. */
export interface Running {
  readonly address: string;
  /** Host and port of gRPC. */
  readonly grpc: string;
  readonly child: ChildProcess;
  /** What it has written to standard error. */
  readonly said: () => string;
}

/** A folder that `cleanUp` removes. */
export const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'attune-'));
  folders.push(folder);
  return folder;
};

/** The environment of a process with that data folder; 0 = any free port. */
export const settings = (folder: string, port = 0) => ({ ATTUNE_DATA_DIR: folder, ATTUNE_HTTP_PORT: String(port), ATTUNE_GRPC_PORT: '0' });

/** Starts Attune as its user does, and resolves once it prints its addresses. */
export async function started(folder: string, more: Readonly<Record<string, string>> = {}): Promise<Running> {
  const child = spawn(process.execPath, ['--conditions=attune-src', MAIN, 'start', '--no-demo'], {
    env: { ...settings(folder), ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  child.stderr.on('data', (text) => {
    said += String(text);
  });
  let address = '';
  for await (const line of createInterface(child.stdout)) {
    address = /listening on (\S+)/.exec(line)?.[1] ?? address;
    const grpc = /^gRPC on (\S+)/.exec(line)?.[1];
    if (grpc !== undefined) return { address, grpc, child, said: () => said };
  }
  throw new Error(`Attune ended before it listened: ${said}`);
}

/** Runs it to its end and answers what it said. */
export const refused = (environment: Record<string, string | undefined>, ...words: string[]) =>
  spawnSync(process.execPath, ['--conditions=attune-src', MAIN, ...words], { env: environment, encoding: 'utf8', timeout: PATIENCE_MS / 2 });

/** Sends a signal and answers the exit code, null where the signal ended it. */
export async function ended({ child }: Running, signal: NodeJS.Signals): Promise<number | null> {
  const exit = once(child, 'exit');
  child.kill(signal);
  running.delete(child);
  return (await exit)[0] as number | null;
}

/** Ends what still runs and removes the folders. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Posts a body with a write key. */
export const post = (address: string, path: string, body: string | Uint8Array<ArrayBuffer>, key = 'demo:'): Promise<Response> =>
  fetch(`${address}${path}`, { method: 'POST', body, headers: { authorization: `Basic ${Buffer.from(key).toString('base64')}` } });

/** An ordinary event of the example shop. */
export const order = (userId: string): string =>
  JSON.stringify({ userId, event: 'Order Completed', properties: { order_id: 'A1', total: 24.5, products: [] } });

/** What GetProfile answers, as far as tests read it. */
export interface ProfileAnswer {
  readonly profileId?: string;
  readonly events?: string;
  readonly features?: readonly { readonly name: string; readonly value?: { readonly number?: number } }[];
  readonly reason?: string;
}

/** Reads a profile for the purpose personalise. */
export async function profileOf(address: string, userId: string): Promise<ProfileAnswer> {
  const request = { subject: { user_id: userId }, purpose: 'personalise' };
  return (await (await post(address, '/attune.features.v1.FeatureStoreService/GetProfile', JSON.stringify(request))).json()) as ProfileAnswer;
}

/** Asks until the profile holds so many events; the test's own time limit ends it. */
export async function untilCounted(address: string, userId: string, events: number): Promise<ProfileAnswer> {
  for (;;) {
    const profile = await profileOf(address, userId);
    if (profile.events === String(events)) return profile;
  }
}

/** The value of a feature, undefined where it has none. */
export const featureOf = ({ features = [] }: ProfileAnswer, wanted: string): number | undefined => features.find(({ name }) => name === wanted)?.value?.number;
