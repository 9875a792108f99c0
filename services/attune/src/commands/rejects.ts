import { Command, InvalidArgumentError } from 'commander';
import { readSettings } from '../config.ts';
import { withRejectCalls } from './ingestion-calls.ts';
import { listRejects } from './list-rejects.ts';
import { replayRejects } from './replay-rejects.ts';
import { showReject } from './show-reject.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Common {
  readonly address?: string;
  readonly key: string;
  readonly json: boolean;
}

const LIMIT = 20;
const LIMIT_MAX = 100_000;

/** `attune rejects`: what the door refused, of a running Attune. Exit codes: 0; 1 for a fault, or where a replay was refused again. */
export function rejectsCommand(environment: Environment): Command {
  const rejects = new Command('rejects').description('events that the door refused in the last 72 hours: list them, show one, send them again');
  const subcommand = (words: string, description: string): Command =>
    rejects
      .command(words)
      .description(description)
      .option('--address <host:port>', 'where ingestion answers gRPC (default: ATTUNE_INGESTION_ADDR, else 127.0.0.1:50051)')
      .option('--key <write key>', 'the write key', 'demo')
      .option('--json', 'JSON, a line each, instead of text', false);
  const caller = ({ address, key }: Common) => ({ address: address ?? readSettings(environment).ATTUNE_INGESTION_ADDR, writeKey: key });
  subcommand('list', 'lists them, newest first, with code, field, reason and fix; without what was sent')
    .option('--code <code>', 'only those with this code of docs/errors.md', '')
    .option('--limit <n>', 'at most so many', atMost, LIMIT)
    .action(async (options: Common & { readonly code: string; readonly limit: number }) =>
      print(await withRejectCalls(caller(options), (calls) => listRejects(calls, options))),
    );
  subcommand('show', 'shows one with the event as it came, personal data and all')
    .argument('<id>', 'of the list')
    .action(async (id: string, options: Common) => print(await withRejectCalls(caller(options), (calls) => showReject(calls, { ...options, id }))));
  subcommand('replay', 'sends them through the door again, under the configuration that holds now and the same message ids, so that none counts twice')
    .argument('[ids...]', 'of the list')
    .option('--code <code>', 'all with this code, oldest first', '')
    .action(async (ids: readonly string[], options: Common & { readonly code: string }) => {
      const progress = counter(process.stderr);
      const { exitCode, lines } = await withRejectCalls(caller(options), (calls) => replayRejects(calls, { ...options, ids, progress }));
      print(lines);
      process.exitCode = exitCode;
    });
  return rejects;
}

function atMost(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > LIMIT_MAX) throw new InvalidArgumentError(`It is a whole number from 1 to ${LIMIT_MAX}.`);
  return limit;
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

/** Counts on a terminal in one line, elsewhere every thousand. */
const counter =
  (out: Pick<NodeJS.WriteStream, 'isTTY' | 'write'>) =>
  (done: number, total: number): void => {
    if (out.isTTY) out.write(`\rreplay: ${done} of ${total}${done === total ? '\n' : ''}`);
    else if (done % 1_000 === 0) out.write(`replay: ${done} of ${total}\n`);
  };
