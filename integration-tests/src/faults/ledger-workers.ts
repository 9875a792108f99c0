import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { LedgerRun } from './ledger-definition.ts';

const script = fileURLToPath(new URL('./ledger-worker.ts', import.meta.url));

/** Worker processes of one run, each of which can be killed and replaced. */
export class LedgerWorkers {
  readonly #run: LedgerRun;
  readonly #workers: ChildProcess[];
  readonly #unexpected: string[] = [];

  constructor(run: LedgerRun, count: number) {
    this.#run = run;
    this.#workers = Array.from({ length: count }, () => this.#spawn());
  }

  /** Exits that nobody asked for. */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** SIGKILLs one worker and starts another in its place. */
  async replace(index: number): Promise<void> {
    await kill(this.#workers[index]);
    this.#workers[index] = this.#spawn();
  }

  /** Stops one worker in mid-step for `ms` milliseconds. Longer than its session, and it wakes as an owner of what is no longer its own. */
  async freeze(index: number, ms: number): Promise<void> {
    const worker = this.#workers[index];
    worker?.kill('SIGSTOP');
    await sleep(ms);
    worker?.kill('SIGCONT');
  }

  async killAll(): Promise<void> {
    await Promise.all(this.#workers.map(kill));
  }

  #spawn(): ChildProcess {
    const worker = spawn(process.execPath, ['--conditions=attune-src', script, JSON.stringify(this.#run)], { stdio: ['pipe', 'inherit', 'inherit'] });
    worker.once('exit', (code, signal) => signal !== 'SIGKILL' && this.#unexpected.push(`${code ?? signal}`));
    return worker;
  }
}

async function kill(worker: ChildProcess | undefined): Promise<void> {
  if (worker === undefined || worker.exitCode !== null || worker.signalCode !== null) return;
  const gone = once(worker, 'exit');
  worker.kill('SIGKILL');
  await gone;
}
