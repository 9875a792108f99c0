import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const MAIN = join(import.meta.dirname, '../../../services/attune/src/main.ts');

/** Attune as its user starts it, in a folder of its own: killed, started again and asked as a user would. */
export class AttuneProcess {
  readonly folder = mkdtempSync(join(tmpdir(), 'attune-'));
  readonly #settings: Readonly<Record<string, string>>;
  readonly #words: readonly string[];
  #child: ChildProcess | undefined;
  #address = '';

  /** @param words what follows `attune start`; `settings` are environment variables beside data folder and port */
  constructor(words: readonly string[], settings: Readonly<Record<string, string>> = {}) {
    this.#words = words;
    this.#settings = settings;
  }

  /** Where it listens since its last start. */
  get address(): string {
    return this.#address;
  }

  /** Starts it, and resolves once it listens. @throws Error when it ends before */
  async start(): Promise<void> {
    const env = { ATTUNE_DATA_DIR: join(this.folder, 'data'), ATTUNE_HTTP_PORT: '0', ATTUNE_GRPC_PORT: '0', ...this.#settings };
    const child = spawn(process.execPath, ['--conditions=attune-src', MAIN, 'start', ...this.#words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    const lines = createInterface(child.stdout);
    this.#address = await new Promise<string>((resolve, reject) => {
      lines.on('line', (line) => {
        const address = /listening on (\S+)/.exec(line)?.[1];
        if (address !== undefined) resolve(address);
      });
      child.once('exit', (code) => reject(new Error(`Attune ended with ${code} before it listened`)));
    });
  }

  /** Ends it by a signal and answers its exit code; null where the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    const exit = once(child, 'exit');
    child.kill(signal);
    return (await exit)[0] as number | null;
  }

  /** Kills what runs and removes the folder. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Sends a tracking call under the demo's write key. @throws Error unless it is accepted */
  async track(path: 'identify' | 'track', body: object): Promise<void> {
    const answer = await this.#post(`/v1/${path}`, body);
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  }

  /** Calls an RPC as JSON. @throws Error unless it answers with success */
  async call<T>(method: string, request: object): Promise<T> {
    const answer = await this.#post(`/attune.${method}`, request);
    if (!answer.ok) throw new Error(`${method}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Reads JSON of the page's own doors. */
  async read<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.#address}${path}`)).json()) as T;
  }

  #post(path: string, body: object): Promise<Response> {
    const authorization = `Basic ${Buffer.from('demo:').toString('base64')}`;
    return fetch(`${this.#address}${path}`, { method: 'POST', body: JSON.stringify(body), headers: { authorization } });
  }
}

const LOOK_AGAIN_MS = 50;

/** Resolves with the first answer that is wanted; the test's own time limit ends it. */
export async function eventually<T>(ask: () => Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (wanted(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}
