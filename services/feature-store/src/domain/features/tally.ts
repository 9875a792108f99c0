import { StateReader, StateWriter } from './state-bytes.ts';
import { minus, plus, type Whole } from './whole-number.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How far an event may lie ahead of the clock: what the door lets through. Tiles are kept this much longer than the window. */
export const AHEAD_MAX_MS = DAY_MS;

/** The amounts of one tile of time, summed. Index = floor(timestampMs / tile). */
interface Tile {
  readonly index: number;
  amount: Whole;
}

/**
 * Whole amounts summed exactly, over all time (one tile) or per tile of a sliding window.
 *
 * At `now` a window holds every folded event since the start of the tile that contains `now − window`: left-closed, cut down to the tile,
 * so that an event counts for at least the window and at most one tile longer. There is no right edge: what was folded has happened, and a
 * timestamp ahead of `now` is the error of a clock. Tiles are minutes for windows up to 2 h, hours up to 7 d, UTC days above.
 * A read at a `now` more than AHEAD_MAX_MS before the newest event answers as at newest − AHEAD_MAX_MS, the oldest moment still kept.
 */
export interface Tally {
  /** Undefined until the first amount. */
  newestMs: number | undefined;
  /** Ascending by index, none twice. */
  tiles: Tile[];
}

export const emptyTally = (): Tally => ({ newestMs: undefined, tiles: [] });

/** The tile of a window, in ms; all time is one tile. */
export function tileMsOf(windowMs: number | undefined): number {
  if (windowMs === undefined) return Number.POSITIVE_INFINITY;
  if (windowMs <= 2 * HOUR_MS) return MINUTE_MS;
  return windowMs <= 7 * DAY_MS ? HOUR_MS : DAY_MS;
}

/** So many tiles are kept at most: those of the window, of the time that an event may lie ahead, and the two that are begun. */
export const tilesMaxOf = (windowMs: number | undefined): number =>
  windowMs === undefined ? 1 : Math.floor((windowMs + AHEAD_MAX_MS) / tileMsOf(windowMs)) + 2;

/** The bytes of `tiles` tiles at most, of which each holds `bytes`: version, number of tiles, newest moment, first index, and two bytes a further index. */
export const tileBytesMax = (tiles: number, bytes: number): number => 16 + tiles * (bytes + 2);

/** The bytes of a tally at most, where an amount takes `amountBytes`. */
export const tallyBytesMax = (windowMs: number | undefined, amountBytes: number): number => tileBytesMax(tilesMaxOf(windowMs), amountBytes);

/** The tally with an amount at a moment; edits `tally`. */
export function addAmount(tally: Tally, atMs: number, amount: Whole, windowMs: number | undefined): Tally {
  const index = windowMs === undefined ? 0 : Math.floor(atMs / tileMsOf(windowMs));
  let place = tally.tiles.length;
  while (place > 0 && (tally.tiles[place - 1]?.index ?? index) > index) place--;
  const below = tally.tiles[place - 1];
  if (below?.index === index) below.amount = plus(below.amount, amount);
  else if (place === tally.tiles.length) tally.tiles.push({ index, amount });
  else tally.tiles.splice(place, 0, { index, amount });
  tally.newestMs = Math.max(tally.newestMs ?? atMs, atMs);
  return prune(tally, windowMs);
}

/** Both tallies together; edits neither. */
export function mergeTallies(a: Tally, b: Tally, windowMs: number | undefined): Tally {
  const amounts = new Map<number, Whole>();
  for (const { index, amount } of [...a.tiles, ...b.tiles]) amounts.set(index, plus(amounts.get(index) ?? 0, amount));
  const tiles = [...amounts].map(([index, amount]) => ({ index, amount })).toSorted((x, y) => x.index - y.index);
  const newestMs = a.newestMs === undefined || b.newestMs === undefined ? (a.newestMs ?? b.newestMs) : Math.max(a.newestMs, b.newestMs);
  return prune({ newestMs, tiles }, windowMs);
}

/** The sum of the amounts in the window at `nowMs`. */
export function tallyAt(tally: Tally, nowMs: number, windowMs: number | undefined): Whole {
  const first = firstIndex(tally, nowMs, windowMs);
  let sum: Whole = 0;
  for (const { index, amount } of tally.tiles) if (index >= first) sum = plus(sum, amount);
  return sum;
}

/** When a tile that changes the sum next leaves the window, in ms; undefined = never. */
export function tallyChangeMs(tally: Tally, nowMs: number, windowMs: number | undefined): number | undefined {
  if (windowMs === undefined) return undefined;
  const first = firstIndex(tally, nowMs, windowMs);
  for (const { index, amount } of tally.tiles) if (index >= first && amount !== 0) return (index + 1) * tileMsOf(windowMs) + windowMs;
  return undefined;
}

/** How a sum is told from others. */
export interface TallySides {
  readonly windowMs: number | undefined;
  /** Equal numbers for sums on one side of a bound. */
  readonly sideOf: (sum: Whole) => number;
}

/** When the sum next comes to lie on another side because tiles leave the window, in ms; undefined = never. */
export function tallySideMs(tally: Tally, nowMs: number, { windowMs, sideOf }: TallySides): number | undefined {
  if (windowMs === undefined) return undefined;
  const first = firstIndex(tally, nowMs, windowMs);
  let sum = tallyAt(tally, nowMs, windowMs);
  const side = sideOf(sum);
  for (const { index, amount } of tally.tiles) {
    if (index < first || amount === 0) continue;
    sum = minus(sum, amount);
    if (!Object.is(sideOf(sum), side)) return (index + 1) * tileMsOf(windowMs) + windowMs;
  }
  return undefined;
}

export function encodeTally(tally: Tally, version: number): Uint8Array {
  const writer = new StateWriter(version).whole(tally.tiles.length);
  if (tally.newestMs === undefined) return writer.done();
  writer.whole(tally.newestMs);
  let before = 0;
  for (const { index, amount } of tally.tiles) {
    writer.whole(index - before).whole(amount);
    before = index;
  }
  return writer.done();
}

export function decodeTally(bytes: Uint8Array, version: number): Tally {
  const reader = new StateReader(bytes, version);
  const length = reader.whole();
  if (length === 0) return emptyTally();
  const newestMs = reader.whole();
  const tiles: Tile[] = [];
  for (let index = 0; tiles.length < length; ) {
    index += reader.whole();
    tiles.push({ index, amount: reader.any() });
  }
  return { newestMs, tiles };
}

function firstIndex(tally: Tally, nowMs: number, windowMs: number | undefined): number {
  if (windowMs === undefined || tally.newestMs === undefined) return Number.NEGATIVE_INFINITY;
  return Math.floor((Math.max(nowMs, tally.newestMs - AHEAD_MAX_MS) - windowMs) / tileMsOf(windowMs));
}

function prune(tally: Tally, windowMs: number | undefined): Tally {
  const first = firstIndex(tally, Number.NEGATIVE_INFINITY, windowMs);
  if ((tally.tiles[0]?.index ?? first) >= first) return tally;
  const kept = tally.tiles.findIndex((tile) => tile.index >= first);
  if (kept > 0) tally.tiles.splice(0, kept);
  return tally;
}
