/** What each value may be used for. */
export interface DeclaredPurposes {
  readonly purposes: Readonly<Record<string, unknown>>;
  readonly features: readonly { readonly name: string; readonly purposes: readonly string[] }[];
  readonly traits: Readonly<Record<string, { readonly purposes: readonly string[] }>>;
}

/** What a rule reads. */
export interface RuleReads {
  readonly features: readonly string[];
  readonly traits: readonly string[];
}

/** The purposes of each feature, and of each trait as `traits.<name>`. */
export const purposesByName = ({ features, traits }: Pick<DeclaredPurposes, 'features' | 'traits'>): ReadonlyMap<string, readonly string[]> =>
  new Map([
    ...features.map(({ name, purposes }) => [name, purposes] as const),
    ...Object.entries(traits).map(([name, { purposes }]) => [`traits.${name}`, purposes] as const),
  ]);

/** What a rule may be used for: only what each of its inputs may; one that reads nothing, for every purpose. In the order of the declaration. */
export function sharedPurposes(declared: DeclaredPurposes, reads: RuleReads): readonly string[] {
  return Object.keys(declared.purposes).filter((purpose) => keptFrom(declared, reads, purpose).length === 0);
}

/** The inputs of a rule that may not be used for the purpose, as they are named in `purposesByName`. */
export function keptFrom(declared: Pick<DeclaredPurposes, 'features' | 'traits'>, reads: RuleReads, purpose: string): readonly string[] {
  const purposesOf = purposesByName(declared);
  return [...reads.features, ...reads.traits.map((name) => `traits.${name}`)].filter((name) => !purposesOf.get(name)?.includes(purpose));
}
