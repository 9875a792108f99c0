import { StateReader, StateWriter } from './state-bytes.ts';
import { AHEAD_MAX_MS, tileMsOf } from './tally.ts';

/** What a tile holds, whatever it is: parts are never edited, and joining them is commutative and associative. */
export interface Parts<P> {
  join(a: P, b: P): P;
  write(writer: StateWriter, part: P): void;
  read(reader: StateReader): P;
}

interface Tile<P> {
  /** floor(timestampMs / tile). */
  readonly index: number;
  part: P;
}

/** Parts over all time (one tile), or per tile of a sliding window; edges, tiles and what is kept are those of a Tally. */
export interface Tiles<P> {
  /** Undefined until the first part. */
  newestMs: number | undefined;
  /** Ascending by index, none twice. */
  tiles: Tile<P>[];
}

/** No part. */
export const noTiles = <P>(): Tiles<P> => ({ newestMs: undefined, tiles: [] });

/** The tiles with a part at a moment; edits `state`. */
export function addPart<P>(parts: Parts<P>, state: Tiles<P>, at: { readonly atMs: number; readonly part: P; readonly windowMs: number | undefined }): Tiles<P> {
  const { atMs, part, windowMs } = at;
  const index = windowMs === undefined ? 0 : Math.floor(atMs / tileMsOf(windowMs));
  let place = state.tiles.length;
  while (place > 0 && (state.tiles[place - 1]?.index ?? index) > index) place--;
  const below = state.tiles[place - 1];
  if (below?.index === index) below.part = parts.join(below.part, part);
  else state.tiles.splice(place, 0, { index, part });
  state.newestMs = Math.max(state.newestMs ?? atMs, atMs);
  return prune(state, windowMs);
}

/** Both together; edits neither. */
export function mergeTiles<P>(parts: Parts<P>, a: Tiles<P>, b: Tiles<P>, windowMs: number | undefined): Tiles<P> {
  const found = new Map<number, P>();
  for (const { index, part } of [...a.tiles, ...b.tiles]) {
    const known = found.get(index);
    found.set(index, known === undefined ? part : parts.join(known, part));
  }
  const tiles = [...found].map(([index, part]) => ({ index, part })).toSorted((x, y) => x.index - y.index);
  const newestMs = a.newestMs === undefined || b.newestMs === undefined ? (a.newestMs ?? b.newestMs) : Math.max(a.newestMs, b.newestMs);
  return prune({ newestMs, tiles }, windowMs);
}

/** Everything in the window at `nowMs`, joined; undefined when that is nothing. */
export function partAt<P>(parts: Parts<P>, state: Tiles<P>, nowMs: number, windowMs: number | undefined): P | undefined {
  return suffixes(parts, state, firstIndex(state, nowMs, windowMs))[0]?.part;
}

/** When the next tile leaves whose leaving changes what `read` answers, in ms; undefined = never. `same` compares two answers. */
export function partChangeMs<P, R>(
  parts: Parts<P>,
  state: Tiles<P>,
  at: { readonly nowMs: number; readonly windowMs: number | undefined; readonly read: (part: P | undefined) => R; readonly same: (a: R, b: R) => boolean },
): number | undefined {
  const { nowMs, windowMs, read, same } = at;
  if (windowMs === undefined) return undefined;
  const within = suffixes(parts, state, firstIndex(state, nowMs, windowMs));
  const now = read(within[0]?.part);
  const leaving = within.find((_, i) => !same(read(within[i + 1]?.part), now));
  return leaving && (leaving.index + 1) * tileMsOf(windowMs) + windowMs;
}

export function encodeTiles<P>(parts: Parts<P>, state: Tiles<P>, version: number): Uint8Array {
  const writer = new StateWriter(version).whole(state.tiles.length);
  if (state.newestMs === undefined) return writer.done();
  writer.whole(state.newestMs);
  let before = 0;
  for (const { index, part } of state.tiles) {
    parts.write(writer.whole(index - before), part);
    before = index;
  }
  return writer.done();
}

export function decodeTiles<P>(parts: Parts<P>, bytes: Uint8Array, version: number): Tiles<P> {
  const reader = new StateReader(bytes, version);
  const length = reader.whole();
  if (length === 0) return noTiles();
  const newestMs = reader.whole();
  const tiles: Tile<P>[] = [];
  for (let index = 0; tiles.length < length; ) {
    index += reader.whole();
    tiles.push({ index, part: parts.read(reader) });
  }
  return { newestMs, tiles };
}

/** Of each tile from `first` on: its own part and all younger ones, joined. */
function suffixes<P>(parts: Parts<P>, { tiles }: Tiles<P>, first: number): readonly Tile<P>[] {
  const found: Tile<P>[] = [];
  for (let i = tiles.length - 1; i >= 0; i--) {
    const tile = tiles[i];
    if (tile === undefined || tile.index < first) break;
    const younger = found.at(-1);
    found.push({ index: tile.index, part: younger === undefined ? tile.part : parts.join(tile.part, younger.part) });
  }
  return found.toReversed();
}

function firstIndex({ newestMs }: Tiles<unknown>, nowMs: number, windowMs: number | undefined): number {
  if (windowMs === undefined || newestMs === undefined) return Number.NEGATIVE_INFINITY;
  return Math.floor((Math.max(nowMs, newestMs - AHEAD_MAX_MS) - windowMs) / tileMsOf(windowMs));
}

function prune<P>(state: Tiles<P>, windowMs: number | undefined): Tiles<P> {
  const first = firstIndex(state, Number.NEGATIVE_INFINITY, windowMs);
  const kept = state.tiles.findIndex((tile) => tile.index >= first);
  if (kept > 0) state.tiles.splice(0, kept);
  return state;
}
