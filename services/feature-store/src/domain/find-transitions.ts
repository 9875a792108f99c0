/** The values of one customer at one moment, by name; what is undefined is missing. */
export interface RuleValues {
  readonly features: Readonly<Record<string, unknown>>;
  readonly traits: Readonly<Record<string, unknown>>;
}

/** A part of a rule that compares one number with a bound, which reads other features or none. */
export interface RuleAtom {
  readonly feature: string;
  /** Undefined = unknown, and so is the atom. */
  readonly bound: (values: RuleValues) => number | undefined;
  readonly boundReads: readonly string[];
}

/** A rule, or a part of one: `all` = each part below has to hold, `any` = one has to, `choice` = if, then, else; a `leaf` has none below. */
export interface RulePart {
  readonly kind: 'all' | 'any' | 'not' | 'choice' | 'leaf';
  /** As it is written, but for spaces and parentheses. */
  readonly source: string;
  readonly parts: readonly RulePart[];
  readonly reads: { readonly features: readonly string[]; readonly traits: readonly string[] };
  readonly evaluate: (values: RuleValues) => { readonly kind: 'holds' | 'fails' | 'unknown' };
  /** Of a leaf that compares numbers; undefined = unknown. */
  readonly compares?: {
    readonly sign: string;
    readonly left: (values: RuleValues) => number | undefined;
    readonly right: (values: RuleValues) => number | undefined;
  };
}

/** A segment as far as finding its members goes. `evaluate` reads only what `reads` names. */
export interface SegmentRule {
  readonly name: string;
  readonly rule: {
    readonly reads: { readonly features: readonly string[]; readonly traits: readonly string[] };
    readonly evaluate: (values: RuleValues) => { readonly kind: 'holds' | 'fails' | 'unknown' };
    /** How its truth hangs on the features: on the side of the bound that each atom's number lies on, and anyhow on `others`. */
    readonly moves: { readonly atoms: readonly RuleAtom[]; readonly others: readonly string[] };
    /** As the configuration has it; absent where nobody explains it. */
    readonly source?: string;
    /** Its parts, made at the first call; absent where nobody explains it. */
    readonly parts?: () => RulePart;
  };
}

/** A segment that a profile came into or left. */
export interface Crossing {
  readonly segment: SegmentRule;
  readonly entered: boolean;
}

/** The names of the segments that hold, in the order given. A condition that is unknown does not hold. */
export function segmentsThatHold(segments: readonly SegmentRule[], values: RuleValues): readonly string[] {
  const holding: string[] = [];
  for (const { name, rule } of segments) if (rule.evaluate(values).kind === 'holds') holding.push(name);
  return holding;
}

/** What was entered and left between two moments, in the order of `segments`. Of a segment that is no longer declared nothing is found here. */
export function findTransitions(segments: readonly SegmentRule[], before: readonly string[], after: readonly string[]): readonly Crossing[] {
  const crossings: Crossing[] = [];
  for (const segment of segments) {
    const entered = after.includes(segment.name);
    if (entered !== before.includes(segment.name)) crossings.push({ segment, entered });
  }
  return crossings;
}
