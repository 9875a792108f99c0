import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A server program that tests may kill and start again. */
export interface ServerProcess {
  /** Changes with each start. */
  readonly pid: number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Asks it to end, insists after 20 seconds; resolves when the process is gone. */
  stop(): Promise<void>;
  /** Stops it where it still runs, then starts it on the same address and data; resolves when it serves. */
  restart(): Promise<void>;
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Part of the line by which the program says that it serves. */
  readonly readyLine: string;
  readonly readyWithinMs: number;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly gone: Promise<unknown>;
}

/** Starts the program and waits until it serves. It ends with this process, however that ends. @throws Error with the program's last lines. */
export async function startServer(command: ServerCommand): Promise<ServerProcess> {
  let running = await launch(command);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    // While its end is awaited, it keeps this process from ending first.
    running.child.ref();
    running.child.kill(signal);
    await running.gone;
  };
  const stop = async (): Promise<void> => {
    const insist = setTimeout(() => running.child.kill('SIGKILL'), 20_000);
    await end('SIGTERM').finally(() => clearTimeout(insist));
  };
  return {
    get pid() {
      return running.pid;
    },
    kill: () => end('SIGKILL'),
    stop,
    restart: async () => {
      await stop();
      running = await launch(command);
    },
  };
}

async function launch(command: ServerCommand): Promise<Running> {
  // Detached: a Ctrl-C in the terminal reaches the test runner first, which then ends its servers in order.
  const child = spawn(command.file, command.args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const gone = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  if (child.pid !== undefined) endWithUs(child.pid, gone);
  try {
    await ready(child, command);
  } catch (fault) {
    child.kill('SIGKILL');
    throw fault;
  }
  for (const handle of [child, child.stdout, child.stderr]) (handle as Socket | ChildProcess).unref();
  return { child, pid: child.pid ?? 0, gone };
}

/** A shell that holds our pipe: it closes when we end, also by SIGKILL, and the shell then kills the server. */
function endWithUs(pid: number, gone: Promise<unknown>): void {
  const watcher = spawn('sh', ['-c', `cat; kill -KILL ${pid}`], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  watcher.unref();
  (watcher.stdin as Socket).unref();
  void gone.then(() => watcher.kill('SIGKILL'));
}

function ready(child: ChildProcess, { file, readyLine, readyWithinMs }: ServerCommand): Promise<void> {
  const lastLines: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(late);
      reject(new Error([`${file} ${why}`, ...lastLines].join('\n')));
    };
    const late = setTimeout(() => fail(`did not serve within ${readyWithinMs} ms`), readyWithinMs);
    const hear = (line: string): void => {
      if (lastLines.push(line) > 20) lastLines.shift();
      if (!line.includes(readyLine)) return;
      clearTimeout(late);
      resolve();
    };
    for (const input of [child.stdout, child.stderr]) if (input !== null) createInterface({ input }).on('line', hear);
    child.once('error', (fault) => fail(fault.message));
    child.once('close', (code, signal) => fail(`ended while starting (${code ?? signal})`));
  });
}
