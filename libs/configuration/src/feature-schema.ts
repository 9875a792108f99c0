import type { FeatureKindSpec, FeatureOptionType } from '@attune/kernel/feature-kind';
import { spelling } from '@attune/kernel/nearest';
import { z } from 'zod';
import { findingsOf, say } from './faults.ts';
import { duration, halfLife, oneOf, shown, window, words } from './words.ts';

/** A feature as it is written: its kind, what stands behind the keyword, and the options with durations in ms. */
export interface WrittenFeature {
  readonly spec: FeatureKindSpec;
  readonly operand: string;
  readonly options: Readonly<Record<string, string | number | undefined>>;
  readonly where?: string | undefined;
  readonly each?: string | undefined;
  readonly by?: string | undefined;
  readonly maxAgeMs?: number | undefined;
  readonly purposes?: readonly string[] | undefined;
}

const optionTypes: Readonly<Record<FeatureOptionType, z.ZodType<string | number>>> = {
  event: z.string(),
  window,
  unit: oneOf(['days', 'hours', 'minutes', 'seconds']),
  count: z.int().min(1).max(100_000),
  percent: z.number().gt(0).max(100),
  period: oneOf(['day', 'week']),
  half_life: halfLife,
  field: z.string(),
  k: z.int().min(1).max(100),
};

/** The schema of one feature, built from the kinds: a new kind needs no change here. */
export function featureSchema(kinds: readonly FeatureKindSpec[]) {
  const schemas = new Map(kinds.map((spec) => [spec.keyword, { spec, schema: schemaOfKind(spec) }]));
  return z.record(z.string(), z.unknown()).transform((written, context): WrittenFeature => {
    const keywords = Object.keys(written).filter((key) => schemas.has(key));
    const found = schemas.get(keywords[0] ?? '');
    if (found === undefined || keywords.length !== 1) {
      context.issues.push({ code: 'custom', input: written, message: kindMessage(Object.keys(written), keywords, [...schemas.keys()]) });
      return z.NEVER;
    }
    const parsed = found.schema.safeParse(written);
    if (parsed.success) return writtenFeature(found.spec, parsed.data);
    for (const issue of parsed.error.issues) {
      if (issue.code === 'unrecognized_keys') context.issues.push({ ...issue, input: written });
      else
        for (const { path, fault, fix } of findingsOf([issue]))
          context.issues.push({ code: 'custom', message: say(fault, fix), path: [...path], input: written });
    }
    return z.NEVER;
  });
}

/** The mapping that one kind of feature is written as. */
export function schemaOfKind(spec: FeatureKindSpec) {
  const operand = spec.operand === 'event' ? 'The event that it reads.' : 'The field that it reads.';
  const shape: Record<string, z.ZodType<string | number | undefined>> = { [spec.keyword]: z.string().describe(operand) };
  for (const [key, { type, required, doc }] of Object.entries(spec.options))
    shape[key] = (required ? optionTypes[type] : optionTypes[type].optional()).describe(doc);
  return words({ ...shape, ...more, purposes: z.array(z.string()).min(1).optional().describe(purposesDoc) });
}

/** Words that go with every kind. */
const more = {
  where: z.string().optional().describe('A condition on the fields of the event: only events of which it holds are folded. See Conditions.'),
  each: z
    .string()
    .optional()
    .describe(
      'A list of the event, such as the lines of an order: each entry is folded as if it were an event with the fields of both, its own before those of the event.',
    ),
  by: z
    .string()
    .optional()
    .describe(
      'A field: the value is kept apart by what it says, for 20 names, the first in their order; the others are together under `other`. Conditions read `<name>["…"]`.',
    ),
  max_age: duration
    .optional()
    .describe('A value whose newest event is older is answered as STALE, by `GetFeatures` alone: conditions and decisions read it as ever.'),
};
const purposesDoc = 'What it may be used for. Absent = `personalise` and `marketing`, as far as they are declared.';

function writtenFeature(spec: FeatureKindSpec, data: Record<string, unknown>): WrittenFeature {
  const { [spec.keyword]: operand, where, each, by, purposes, max_age: maxAgeMs, ...options } = data;
  return {
    spec,
    operand: String(operand),
    options: z.record(z.string(), z.union([z.string(), z.number(), z.undefined()])).parse(options),
    where: z.string().optional().parse(where),
    each: z.string().optional().parse(each),
    by: z.string().optional().parse(by),
    purposes: z.array(z.string()).optional().parse(purposes),
    maxAgeMs: z.number().optional().parse(maxAgeMs),
  };
}

function kindMessage(keys: readonly string[], found: readonly string[], known: readonly string[]): string {
  if (found.length > 1) return say(`A feature has one kind, and this one has ${found.join(' and ')}.`, 'Keep one of them.');
  return say('This feature says no kind that is known.', spelling(shown(keys[0] ?? ''), known));
}
