import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Dataset, type DatasetAsked, rowFiles } from '@attune/feature-store/composition';
import { AttuneError } from '@attune/kernel/errors';
import { VERSION } from '../version.ts';

/** In which formats, and where to. */
export interface WriteDatasetOptions {
  readonly folder: string;
  readonly formats: readonly (keyof typeof rowFiles)[];
  /** Takes the place of what is there. */
  readonly replace: boolean;
}

/** What lies in the folder of a dataset beside its rows. */
export interface DatasetManifest {
  readonly rows: number;
  readonly files: readonly { readonly name: string; readonly bytes: number; readonly sha256: string }[];
}

/** Refuses before the work is done. @throws AttuneError REQUEST_INVALID where the folder is there and is not to be replaced */
export function checkFolder({ folder, replace }: WriteDatasetOptions): void {
  if (!replace && existsSync(folder)) throw new AttuneError('REQUEST_INVALID', `${folder} is there already. Name another by --out, or write --replace.`);
}

/** Writes rows and manifest.json into the folder, which appears when all of it is there; only its owner may read it. The same dataset makes the same bytes. */
export async function writeDataset(dataset: Dataset, asked: DatasetAsked, options: WriteDatasetOptions): Promise<DatasetManifest> {
  const { folder, formats } = options;
  const making = `${folder}.part`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true, mode: 0o700 });
  const files: DatasetManifest['files'][number][] = [];
  for (const format of formats) {
    const name = `rows.${format}`;
    files.push({ name, ...(await rowFiles[format](join(making, name), dataset.columns, dataset.rows)) });
  }
  const manifest = { ...manifestOf(dataset, asked), files };
  writeFileSync(join(making, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
  checkFolder(options);
  rmSync(folder, { recursive: true, force: true });
  renameSync(making, folder);
  return manifest;
}

function manifestOf(dataset: Dataset, asked: DatasetAsked) {
  const { label, view, purpose, moments, configuration, share, seed, asRecorded } = asked;
  const { columns, rows, leftOut, log, records, setAside } = dataset;
  const { name, kind, event, field, where, withinMs } = label;
  return {
    attune: VERSION,
    label: { name, kind, event, ...(field !== undefined && { field }), ...(where && { where: where.source }), within_ms: withinMs },
    view: { name: view.name, version: view.version, features: view.features },
    purpose,
    moments: moments.kind === 'every' ? { kind: 'every', every_ms: moments.everyMs } : moments,
    configuration: { version: configuration.version, folded_under: asRecorded ? 'the configurations of the log' : 'this one' },
    sample: { share, seed, ...(asked.fromMs !== undefined && { from: iso(asked.fromMs) }), ...(asked.toMs !== undefined && { to: iso(asked.toMs) }) },
    log: {
      id: log.id,
      topic: 'attune.activity.v1',
      positions: log.bounds.map(({ startOffset, endOffset }, partition) => ({ partition, start_offset: startOffset, end_offset: endOffset })),
      ...{ records, set_aside: setAside, known_until: iso(dataset.knownUntilMs), last_moment: iso(dataset.lastMomentMs) },
    },
    rows: rows.length,
    label_sum: rows.reduce((sum, row) => sum + Number(row.at(-1)), 0),
    left_out: {
      without_consent: leftOut.withoutConsent,
      withdrawn_since: leftOut.withdrawnSince,
      erased: leftOut.erased,
      too_recent: leftOut.tooRecent,
    },
    columns: columns.map(({ name, type }, place) => ({ name, type, nulls: nullsIn(rows, place), ...answeredIn(dataset, name) })),
  };
}

const nullsIn = (rows: Dataset['rows'], place: number): number => rows.reduce((sum, row) => sum + (row[place] === null ? 1 : 0), 0);

function answeredIn({ statuses }: Dataset, name: string) {
  const counts = statuses.get(name);
  return counts && { answered: Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

const iso = (ms: number): string => new Date(ms).toISOString();
