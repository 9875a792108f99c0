import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { readTreeModel } from '../domain/models/read-tree-model.ts';
import type { TreeModel } from '../domain/models/tree-model.ts';

const FOLDER = new URL('../../../../testdata/models/', import.meta.url);

/** Every so many rows have their scores told. */
export const EVERY = 50;

/** What a library answered (testdata/models/make.py). */
export interface Expected {
  readonly outputs: number;
  readonly sha256: string;
  readonly raw: Float64Array;
  readonly value: Float64Array;
  /** Of each told row, for each output, one a feature and then the baseline. */
  readonly contributions: Float64Array;
}

/** The text of a file of testdata/models. */
export const fileOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');

/** A model of testdata/models. */
export function modelOf(name: string): TreeModel {
  const read = readTreeModel(fileOf(name));
  if (read.kind === 'fault') throw new Error(`${name}: ${read.fault}`);
  return read.model;
}

/** What the library said of a model. */
export function expectedOf(name: string): Expected {
  const { outputs, sha256, ...told } = JSON.parse(fileOf(`${name}.expected.json`)) as Record<'raw' | 'value' | 'contributions' | 'sha256', string> & {
    outputs: number;
  };
  return { outputs, sha256, raw: floats(told.raw), value: floats(told.value), contributions: floats(told.contributions) };
}

/** The 5,000 rows. */
export function rowsOfTable(): readonly Float64Array[] {
  const all = new Float64Array(Uint8Array.from(brotliDecompressSync(readFileSync(new URL('rows.f64.br', FOLDER)))).buffer);
  return Array.from({ length: all.length / 6 }, (_, row) => all.slice(row * 6, row * 6 + 6));
}

/** SHA-256 of float64, little endian. */
export const hashOf = (scores: Float64Array): string => createHash('sha256').update(new Uint8Array(scores.buffer)).digest('hex');

const floats = (base64: string): Float64Array => new Float64Array(Uint8Array.from(Buffer.from(base64, 'base64')).buffer);
