import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Answer, Question } from './child-reporter.ts';
import type { Share } from './cpu-profile.ts';

/** A program beside the benchmark whose processor time can be asked for. */
export interface Child {
  readonly name: string;
  /** What the line that says that it listens holds. */
  readonly listening: RegExpExecArray;
  /** Processor time since its start, in s. */
  cpuS(): Promise<number>;
  /** Samples where its time goes from now until `shares`. */
  profile(): Promise<void>;
  shares(): Promise<readonly Share[]>;
  /** Kills it. */
  end(): Promise<void>;
}

/** What to start. */
export interface ChildOptions {
  readonly name: string;
  readonly file: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The line by which it says that it listens. */
  readonly listens: RegExp;
}

const REPORTER = join(import.meta.dirname, 'child-reporter.ts');

/** Starts a TypeScript program, and resolves once it listens. @throws Error with what it said when it ends before */
export async function startChild({ name, file, args = [], env, listens }: ChildOptions): Promise<Child> {
  const child = spawn(process.execPath, ['--conditions=attune-src', '--import', REPORTER, file, ...args], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const listening = await said(child, listens);
  const ask = async (question: Question): Promise<Answer> => {
    const answered = once(child, 'message') as Promise<[Answer]>;
    child.send(question);
    return (await answered)[0];
  };
  return {
    name,
    listening,
    cpuS: async () => (await ask('cpu')).cpuS,
    profile: async () => void (await ask('profile')),
    shares: async () => (await ask('shares')).shares,
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

function said(child: ChildProcess, listens: RegExp): Promise<RegExpExecArray> {
  let errors = '';
  child.stderr?.on('data', (text) => {
    errors = `${errors}${text}`.slice(-4_000);
  });
  return new Promise((resolve, reject) => {
    if (child.stdout)
      createInterface(child.stdout).on('line', (line) => {
        const found = listens.exec(line);
        if (found) resolve(found);
      });
    child.once('exit', (code, signal) => reject(new Error(`a child ended with ${code ?? signal} before it listened: ${errors}`)));
  });
}
