import { BUCKET_NAME_MAX, BUCKETS_MAX, type FeatureDeclaration, featureBytesMax } from '@attune/kernel/feature-kind';
import { type FeatureEvent, type FeatureKind, folds, present, type SimpleValue } from './feature-kind.ts';
import { StateReader, StateWriter } from './state-bytes.ts';

const VERSION = 1;

/** The bucket of what has none of its own. */
export const REST = 'other';

/** States by name, ascending; under REST what has no bucket of its own. */
export type Buckets<S> = ReadonlyMap<string, S>;

/**
 * The same kind, kept apart by the value of the field that `by` names. So many buckets are kept, the first by name: which they are depends on the set of names
 * alone, and the state of one that has to go becomes part of REST, so nothing is lost and order cannot matter. An event without the field is not folded.
 */
export function bucketed<S>(kind: FeatureKind<S>): FeatureKind<Buckets<S>> {
  const { spec } = kind;
  return {
    spec: { ...spec, keyword: keywordBy(spec.keyword), bytesMax: (declaration) => featureBytesMax(spec, declaration) ?? Number.POSITIVE_INFINITY },
    init: () => new Map(),
    step(state, event, declaration) {
      const name = folds(declaration, event) || event.name === declaration.per ? bucketOf(event, declaration.by) : undefined;
      if (name === undefined) return state;
      const own = state.has(name) || hasRoom(state, name) ? name : REST;
      const known = state.get(own);
      const stepped = kind.step(known ?? kind.init(), event, declaration);
      return known !== undefined && known === stepped ? state : bounded(kind, new Map(state).set(own, stepped), declaration);
    },
    merge(a, b, declaration) {
      const all = new Map(a);
      for (const [name, state] of b) {
        all.set(name, all.has(name) ? kind.merge(all.get(name) as S, state, declaration) : state);
      }
      return bounded(kind, all, declaration);
    },
    read(state, nowMs, declaration) {
      const values = [...state].flatMap(([name, own]): [string, SimpleValue][] => {
        const reading = kind.read(own, nowMs, declaration);
        return reading.status === 'present' ? [[name, reading.value as SimpleValue]] : [];
      });
      return present(Object.fromEntries(values));
    },
    ...(kind.nextChangeMs && {
      nextChangeMs: (state, nowMs, declaration) => earliest([...state.values()].map((own) => kind.nextChangeMs?.(own, nowMs, declaration))),
    }),
    encode(state) {
      const writer = new StateWriter(VERSION).whole(state.size);
      for (const [name, own] of state) writer.text(name).bytes(kind.encode(own));
      return writer.done();
    },
    decode(bytes) {
      const reader = new StateReader(bytes, VERSION);
      return new Map(Array.from({ length: reader.whole() }, () => [reader.text(), kind.decode(reader.bytes())]));
    },
  };
}

/** The keyword under which the states of a kind with `by` are kept. */
export const keywordBy = (keyword: string): string => `${keyword} by`;

/** Undefined where the event has no such field. */
function bucketOf({ fields }: FeatureEvent, by: string | undefined): string | undefined {
  const value = by === undefined ? undefined : fields[by];
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const name = String(value);
  return name.length > BUCKET_NAME_MAX || name === '__proto__' || !name.isWellFormed() ? REST : name;
}

/** True when the name comes before one that has a bucket, or there are fewer than there may be. */
function hasRoom(state: Buckets<unknown>, name: string): boolean {
  const named = [...state.keys()].filter((known) => known !== REST);
  return named.length < BUCKETS_MAX || name < (named.at(-1) ?? name);
}

function bounded<S>(kind: FeatureKind<S>, all: ReadonlyMap<string, S>, declaration: FeatureDeclaration): Buckets<S> {
  const named = [...all.keys()].filter((name) => name !== REST).toSorted();
  const rest = [...named.slice(BUCKETS_MAX), REST].flatMap((name): S[] => (all.has(name) ? [all.get(name) as S] : []));
  const kept = named.slice(0, BUCKETS_MAX).map((name): [string, S] => [name, all.get(name) as S]);
  if (rest.length === 0) return new Map(kept);
  const together: [string, S] = [REST, rest.reduce((a, b) => kind.merge(a, b, declaration))];
  return new Map([...kept, together].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function earliest(moments: readonly (number | undefined)[]): number | undefined {
  const known = moments.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
