import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { retailBaskets } from '../retail-baskets.ts';
import { printTable } from '../table.ts';
import { basketRows } from './basket-quality.ts';
import { coldStartRows } from './cold-start.ts';
import type { Row, SetFiles } from './parts.ts';
import { ratingRows, wordsIn } from './rating-quality.ts';
import { REFERENCES } from './references.ts';
import { restOfBasketRows } from './rest-of-basket.ts';
import { sessionRows } from './session-quality.ts';

const SETS = ['ml-100k', 'ml-latest-small', 'yoochoose-100k', 'next-basket', 'rest-of-basket', 'cold-start'] as const;
type SetName = (typeof SETS)[number];

const HELP = `usage: npm run bench:quality -- [--set NAME]... [--data DIR] [--train FILE] [--valid FILE] [--test FILE] [--items FILE] [--users FILE] [--from DAY]

Measures every recommender on real data, beside what the best libraries reached on the withheld parts of the same splits (column "reference").

  --set    one of ${SETS.join(', ')}; again for more; absent = all
  --data   the folder that holds a folder of each set (default ../shared/data, or BENCH_DATA)
  --test   what is foretold. Settings are then found on --valid, and the models fitted on --train and --valid.
           Without it --valid is foretold, and settings are found on a part that is cut from --train.
  --train --valid --items --users
           instead of the files of the set, in the same format (.gz or not)
  --from   next-basket and rest-of-basket: the first day to foretell (default: 2010-06-01 and 2010-10-01; with --test: 2011-01-01)

Files: ratings are user,item,rating,ts; sessions are SessionId, ItemId, Time in s, split by tabs; the baskets take invoice,sku,qty,date,price,customer,country in --train and --test.
Each has a line of headings. With --train, --valid or --test give exactly one --set.`;

/** Prints the table of quality, set by set, as each row is found. @throws Error for arguments that it does not know, or a file that is not there */
export function quality(args: readonly string[], env: Readonly<Record<string, string | undefined>>): void {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  if (values.help === true) {
    console.log(HELP);
    return;
  }
  const unknown = values.set?.find((name) => !SETS.some((set) => set === name));
  if (unknown !== undefined) throw new Error(`there is no set ${unknown}\n${HELP}`);
  const sets = values.set === undefined ? SETS : SETS.filter((name) => values.set?.includes(name));
  const own = values.train ?? values.valid ?? values.test;
  if (own !== undefined && sets.length !== 1) throw new Error(`files need exactly one --set\n${HELP}`);
  const data = values.data ?? env['BENCH_DATA'] ?? '../shared/data';
  for (const name of sets) measure(name, { ...filesOf(name, data), ...given(values) }, values.from);
}

const OPTIONS = {
  set: { type: 'string', multiple: true },
  data: { type: 'string' },
  train: { type: 'string' },
  valid: { type: 'string' },
  test: { type: 'string' },
  items: { type: 'string' },
  users: { type: 'string' },
  from: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const given = (values: Readonly<Record<string, unknown>>): Partial<SetFiles> =>
  Object.fromEntries(['train', 'valid', 'test', 'items', 'users'].flatMap((name) => (typeof values[name] === 'string' ? [[name, values[name]]] : [])));

function filesOf(name: SetName, data: string): SetFiles {
  const at = (...path: readonly string[]): string => join(data, ...path);
  if (name === 'cold-start') return filesOf('ml-100k', data);
  if (name === 'ml-100k') return { train: at(name, 'train.csv'), valid: at(name, 'valid.csv'), items: at(name, 'items.csv'), users: at(name, 'users.csv') };
  if (name === 'ml-latest-small') return { train: at(name, 'train.csv'), valid: at(name, 'valid.csv'), items: at(name, 'movies.csv') };
  if (name === 'yoochoose-100k') return { train: at(name, 'train.tsv.gz'), valid: at(name, 'valid.tsv.gz') };
  const invoices = at('online-retail', 'transactions.csv.gz');
  return { train: invoices, valid: invoices };
}

function measure(name: SetName, files: SetFiles, from: string | undefined): void {
  const absent = Object.values(files).find((file) => !existsSync(file));
  if (absent !== undefined) {
    console.error(`${name}: SKIPPED, ${absent} is not there.`);
    process.exitCode = 1;
    return;
  }
  console.log(
    `\n${name}, ${files.test === undefined ? 'the validation part foretold' : `${files.test} foretold`}; figures and, behind them, the reference on the withheld part:`,
  );
  const rows = [...rowsOf(name, files, from)];
  const metrics = [...new Set(rows.flatMap(({ figures }) => Object.keys(figures)))];
  printTable(
    ['', ...metrics.flatMap((metric) => [metric, 'ref.'])],
    rows.map((row) => [row.model, ...metrics.flatMap((metric) => [shown(row.figures[metric]), shown(row.reference[metric])])]),
  );
  for (const { model, settings } of rows) if (settings !== '') console.log(`  ${model}: ${settings}`);
}

const shown = (figure: number | undefined): string => (figure === undefined ? '' : figure.toFixed(4));

function rowsOf(name: SetName, files: SetFiles, from: string | undefined): Iterable<Row> {
  const references = REFERENCES[name] ?? {};
  if (name === 'yoochoose-100k') return sessionRows({ name, files, references });
  if (name === 'cold-start') return coldStartRows(files, wordsIn(files.items));
  if (name === 'ml-100k') return ratingRows({ name, files, references, ratingsMin: 1, easeLambda: 100, neighbours: 200 });
  if (name === 'ml-latest-small') return ratingRows({ name, files, references, ratingsMin: 5, easeLambda: 400, neighbours: 50 });
  const customers = retailBaskets(...new Set([files.train, ...(files.test === undefined ? [] : [files.test])])) ?? new Map();
  const day = files.test !== undefined ? '2011-01-01' : name === 'next-basket' ? '2010-06-01' : '2010-10-01';
  const fromMs = Date.parse(from ?? day);
  return name === 'next-basket' ? basketRows({ name, customers, fromMs, references }) : restOfBasketRows(customers, fromMs);
}
