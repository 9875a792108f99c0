import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Seen } from '@attune/scoring/recommenders/recommender';
import { type ItemScore, ScoreSheet } from '@attune/scoring/recommenders/score-sheet';
import { sessionIndex } from '@attune/scoring/recommenders/session-index';
import { VmisKnn } from '@attune/scoring/recommenders/vmis-knn';
import { inOrder } from '../quality/read-rows.ts';
import { readSessions } from '../quality/session-sets.ts';
import { printTable, quantile } from '../table.ts';
import { madeSessions } from './made-sessions.ts';
import { readQueries } from './read-queries.ts';

const HELP = `usage: npm run bench:sessions -- --sessions FILE --queries FILE [--m 500] [--k 100] [--top 20] [--rounds 5] [--keep-last] [--out FILE]
       npm run bench:sessions -- --make FILE [--count 100000] [--items 20000] [--seed TEXT]

Answers every query by VMIS-kNN on one thread and prints how long an answer took, in µs: p50 and p90 of each round, after one that warms.

  --sessions   SessionId, ItemId, Time in s, split by tabs, under a heading; .gz or not
  --queries    the same (each beginning of each session is asked), or a query a line: items, oldest first, split by spaces or commas
  --m, --k     so many of the newest sessions that share an item are looked at; so many of these, the most alike, speak
  --keep-last  the last item of the query may be recommended (Serenade leaves it out, as is done here otherwise)
  --out        the lists: a line a query, its name, then item:score best first; equal scores by ascending id, so the same files give the same bytes
  --make       writes sessions drawn by chance instead`;

/** Measures, or makes sessions. @throws Error for arguments that it does not know, or a file that is not there */
export function vmisSpeed(args: readonly string[]): void {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.make !== undefined) {
    writeFileSync(values.make, madeSessions({ sessions: whole(values.count, 100_000), items: whole(values.items, 20_000) }, values.seed ?? 'sessions'));
    return;
  }
  if (values.help === true || values.sessions === undefined || values.queries === undefined) {
    console.log(HELP);
    return;
  }
  measure({
    sessions: values.sessions,
    queries: values.queries,
    m: whole(values.m, 500),
    k: whole(values.k, 100),
    top: whole(values.top, 20),
    rounds: whole(values.rounds, 5),
    keepLast: values['keep-last'] === true,
    out: values.out,
  });
}

const text = { type: 'string' } as const;
const OPTIONS = {
  ...{ sessions: text, queries: text, m: text, k: text, top: text, rounds: text, out: text, make: text, count: text, items: text, seed: text },
  'keep-last': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

function whole(given: string | undefined, otherwise: number): number {
  const number = Number(given ?? otherwise);
  if (!Number.isSafeInteger(number) || number < 1) throw new Error(`${given} is no positive whole number`);
  return number;
}

interface Asked {
  readonly sessions: string;
  readonly queries: string;
  readonly m: number;
  readonly k: number;
  readonly top: number;
  readonly rounds: number;
  readonly keepLast: boolean;
  readonly out: string | undefined;
}

function measure({ sessions: sessionsFile, queries: queriesFile, m, k, top, rounds, keepLast, out }: Asked): void {
  const sessions = readSessions(sessionsFile);
  const items = inOrder(sessions.flatMap((session) => session.items));
  const numbers = new Map(items.map((item, number) => [item, number]));
  const sequences = sessions.map((session) => ({ items: session.items.map((item) => numbers.get(item) ?? 0), atMs: session.atMs }));
  const heldBefore = process.memoryUsage().arrayBuffers;
  const index = sessionIndex({ itemCount: items.length, sequences });
  const held = process.memoryUsage().arrayBuffers - heldBefore;
  const model = new VmisKnn(index, { sessionsMax: m, neighbours: k });
  const queries = readQueries(queriesFile);
  const asked = queries.map((query): Seen => ({ items: Uint32Array.from(query.items, (item) => numbers.get(item) ?? items.length), atMs: [], nowMs: 0 }));
  const sheet = new ScoreSheet(items.length);
  const answer = (seen: Seen): readonly ItemScore[] => {
    const last = keepLast ? -1 : (seen.items[seen.items.length - 1] ?? -1);
    sheet.clear();
    model.score(seen, sheet);
    return sheet.best(top, (item) => item !== last);
  };
  for (const seen of asked) answer(seen);
  const times = Array.from({ length: rounds }, () => asked.map((seen) => timed(() => answer(seen))));
  const clicks = sequences.reduce((sum, sequence) => sum + sequence.items.length, 0);
  console.log(
    `VMIS-kNN, m ${m}, k ${k}: ${sessions.length} sessions, ${clicks} clicks, ${items.length} items (${(held / 2 ** 20).toFixed(1)} MiB), ${queries.length} queries, µs an answer:`,
  );
  printTable(
    ['round', 'p50', 'p90', 'p99', 'mean'],
    times.map((round, at) => [String(at + 1), ...[0.5, 0.9, 0.99].map((q) => quantile(round, q).toFixed(1)), mean(round).toFixed(1)]),
  );
  if (out === undefined) return;
  const lines = asked.map((seen, at) => [queries[at]?.name, ...answer(seen).map(({ item, score }) => `${items[item]}:${score}`)].join('\t'));
  writeFileSync(out, `${lines.join('\n')}\n`);
}

function timed(run: () => unknown): number {
  const startedNs = process.hrtime.bigint();
  run();
  return Number(process.hrtime.bigint() - startedNs) / 1_000;
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
