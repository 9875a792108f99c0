import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PRELOAD = join(import.meta.dirname, 'keep-compiled.ts');
const MAIN = join(import.meta.dirname, '../../../services/attune/src/main.ts');

/** The services that run apart. */
export const NAMES = ['ingestion', 'feature-store', 'scoring', 'notification'] as const;
export type Name = (typeof NAMES)[number];

/** How a process ended. */
export interface Ending {
  /** Null where a signal ended it. */
  readonly code: number | null;
  /** From the signal to the end, in ms. */
  readonly afterMs: number;
}

/** One service as its operator starts it: killed, started again and asked. */
export class ServiceProcess {
  readonly name: Name;
  readonly #env: Readonly<Record<string, string>>;
  readonly #unasked: string[] = [];
  #child: ChildProcess | undefined;
  #asked = false;
  #address = '';
  #said = '';

  /** @param env all of its environment */
  constructor(name: Name, env: Readonly<Record<string, string>>) {
    this.name = name;
    this.#env = env;
  }

  /** Where HTTP listens since its last start; '' before it listens. */
  get address(): string {
    return this.#address;
  }

  /** What all its processes wrote to standard error. */
  get said(): string {
    return this.#said;
  }

  /** Ends that nobody asked for after it listened, by exit code or signal. */
  get unasked(): readonly string[] {
    return this.#unasked;
  }

  /** Starts it, and resolves once it listens. @throws Error when it ends before */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--conditions=attune-src', '--import', PRELOAD, MAIN, 'serve', this.name], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#asked = false;
    this.#address = '';
    child.once('exit', (code, signal) => this.#asked || this.#address === '' || this.#unasked.push(`${this.name}: ${code ?? signal}`));
    child.stderr.on('data', (text) => {
      this.#said += String(text);
    });
    const lines = createInterface(child.stdout);
    await new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        const address = /listening on ([^\s,]+)/.exec(line)?.[1];
        if (address === undefined) return;
        this.#address = address;
        resolve();
      });
      child.once('exit', (code, signal) => reject(new Error(`${this.name} ended with ${code ?? signal} before it listened: ${this.#said}`)));
    });
  }

  /** Ends it by a signal; undefined where it does not run. */
  async end(signal: NodeJS.Signals): Promise<Ending | undefined> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return undefined;
    this.#asked = true;
    const fromMs = performance.now();
    const exit = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exit) as [number | null];
    return { code, afterMs: performance.now() - fromMs };
  }
}
