import { hash32 } from '@attune/kernel/hash';
import type { SegmentRule } from './find-transitions.ts';

/** By segment, a number that stands for its condition and for all that the features in it depend on: another one once who is in it may differ. */
export type Definitions = Readonly<Record<string, number>>;

/** The definitions in an earlier version of the configuration; undefined where nobody knows them any more. */
export type DefinitionsIn = (version: string) => Definitions | undefined;

/** Of segments that read these features. */
export function definitionsOf(
  segments: readonly SegmentRule[],
  features: readonly { readonly declaration: { readonly name: string }; readonly signature: number }[],
): Definitions {
  const signatures = new Map(features.map(({ declaration, signature }) => [declaration.name, signature]));
  return Object.fromEntries(
    segments.map(({ name, rule: { source = '', reads } }) => [
      name,
      hash32(JSON.stringify([source, reads.features.map((one) => [one, signatures.get(one) ?? 0])])),
    ]),
  );
}

/** Names that stand for something else than before, or for nothing; where nothing is known of before, all of them. */
export function redefined(now: Definitions, before: Definitions | undefined): ReadonlySet<string> {
  const names = [...Object.keys(now), ...Object.keys(before ?? {})];
  return new Set(before === undefined ? names : names.filter((name) => now[name] !== before[name]));
}
