import type { FeatureDeclaration, FeatureKindSpec } from '@attune/kernel/feature-kind';
import type { FeatureEvent, FeatureKind, FeatureReading } from './feature-kind.ts';
import { tileBytesMax, tilesMaxOf } from './tally.ts';
import { addPart, decodeTiles, encodeTiles, mergeTiles, noTiles, type Parts, partAt, partChangeMs, type Tiles } from './tiles.ts';

/** A kind by what it keeps of events, over all time or a sliding window. */
export interface WindowedKind<P> extends Parts<P> {
  readonly spec: FeatureKindSpec;
  /** The version of the shape of a part. */
  readonly version: number;
  /** The bytes of a part at most. */
  readonly partBytesMax: number;
  /** What an event contributes; undefined = nothing. */
  of(event: FeatureEvent, declaration: FeatureDeclaration): P | undefined;
  /** The answer from everything in the window; undefined when that is nothing. */
  value(part: P | undefined, declaration: FeatureDeclaration): FeatureReading;
}

/** The option of a kind that can look at a window. */
export const windowOption = { type: 'window', required: false, doc: 'Only events that are not older than this count; all time when absent.' } as const;

/** The kind as the fold uses it. Edges of the window: see Tally. */
export function windowed<P>(kind: WindowedKind<P>): FeatureKind<Tiles<P>> {
  return {
    spec: { ...kind.spec, bytesMax: ({ windowMs }) => tileBytesMax(tilesMaxOf(windowMs), kind.partBytesMax) },
    init: noTiles,
    step(state, event, declaration) {
      const part = kind.of(event, declaration);
      return part === undefined ? state : addPart(kind, state, { atMs: event.timestampMs, part, windowMs: declaration.windowMs });
    },
    merge: (a, b, declaration) => mergeTiles(kind, a, b, declaration.windowMs),
    read: (state, nowMs, declaration) => kind.value(partAt(kind, state, nowMs, declaration.windowMs), declaration),
    nextChangeMs: (state, nowMs, declaration) =>
      partChangeMs(kind, state, { nowMs, windowMs: declaration.windowMs, read: (part) => kind.value(part, declaration), same }),
    encode: (state) => encodeTiles(kind, state, kind.version),
    decode: (bytes) => decodeTiles(kind, bytes, kind.version),
  };
}

const same = (a: FeatureReading, b: FeatureReading): boolean =>
  a.status === 'present' && b.status === 'present' ? a.value === b.value : a.status === b.status;
