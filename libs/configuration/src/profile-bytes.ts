import { type FeatureKindSpec, featureBytesMax } from '@attune/kernel/feature-kind';
import type { Configuration } from './configuration.ts';

/** How large what a configuration keeps of a customer can grow, in bytes. */
export interface ProfileBytes {
  /** The states of all features for one identifier of a customer; a profile keeps those of at most eight identifiers apart. */
  readonly perIdentifier: number;
  /** The feature with the greatest bound. */
  readonly largest?: { readonly name: string; readonly bytes: number };
}

/** The bound that follows from what the kinds declare; undefined when one of them declares none. */
export function profileBytesOf({ features }: Configuration, kinds: readonly FeatureKindSpec[]): ProfileBytes | undefined {
  const bounds = features.map((declaration) => {
    const spec = kinds.find(({ keyword }) => keyword === declaration.kind);
    const bytes = spec && featureBytesMax(spec, declaration);
    return bytes === undefined ? undefined : { name: declaration.name, bytes };
  });
  const known = bounds.filter((bound) => bound !== undefined);
  if (known.length < bounds.length) return undefined;
  const largest = known.toSorted((a, b) => b.bytes - a.bytes)[0];
  return { perIdentifier: known.reduce((sum, { bytes }) => sum + bytes, 0), ...(largest && { largest }) };
}
