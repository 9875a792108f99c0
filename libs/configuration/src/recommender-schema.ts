import { RECOMMENDER_KINDS, type RecommenderKind, type RecommenderNumber, recommenderKind } from '@attune/kernel/recommender-kind';
import { z } from 'zod';
import { durationMs } from './durations.ts';
import { say } from './faults.ts';
import { duration, named, oneOf, shown, words } from './words.ts';

/** What a recommender keeps out of its answer. */
export type WrittenExclusion = { readonly kind: 'out_of_stock' } | { readonly kind: 'bought' | 'seen'; readonly withinMs?: number };

/** One word of `exclude`. */
export const exclusion = z.unknown().transform((written, context): WrittenExclusion => {
  if (written === 'out_of_stock') return { kind: 'out_of_stock' };
  for (const kind of ['bought', 'seen'] as const) {
    if (written === kind) return { kind };
    const within = `${kind}_within_`;
    const withinMs = typeof written === 'string' && written.startsWith(within) ? durationMs(written.slice(within.length)) : undefined;
    if (withinMs !== undefined) return { kind, withinMs };
  }
  context.issues.push({
    code: 'custom',
    input: written,
    message: say(`${shown(written)} excludes nothing that is known.`, 'Write out_of_stock, bought, seen, or bought_within_30d with any duration.'),
  });
  return z.NEVER;
});

const kindNames = Object.keys(RECOMMENDER_KINDS) as [RecommenderKind, ...RecommenderKind[]];
const kindDocs = kindNames.map((kind) => `\`${kind}\`: ${RECOMMENDER_KINDS[kind].doc}.`).join(' ');

const overSessions = kindNames
  .filter((kind) => recommenderKind(kind).overSessions === true)
  .map((kind) => `\`${kind}\``)
  .join(', ');

/** The kinds that take a word, and what it is where nobody writes it. */
function takenBy(word: RecommenderNumber, shownAs: (value: number) => string = String): string {
  const taking = kindNames.flatMap((kind) => {
    const numbers: Readonly<Partial<Record<RecommenderNumber, number>>> = RECOMMENDER_KINDS[kind].numbers;
    const usual = numbers[word];
    return usual === undefined ? [] : [`\`${kind}\` (${shownAs(usual)})`];
  });
  return `Of ${taking.join(', ')}.`;
}

const DAY_MS = 86_400_000;
const inDays = (ms: number): string => `${ms / DAY_MS}d`;

const itemId = z.string().min(1).max(256);
const boost = words({
  category: z.array(z.string()).min(1).optional().describe('A path that the category of the item begins with, such as `[Home, Candles]`.'),
  seller: z.string().min(1).optional().describe('Who sells the item.'),
  tag: z.string().min(1).optional().describe('A tag of the item.'),
  times: z.number().min(0).max(100).describe('How many times its score an item counts of which all of this holds; 0 takes it out.'),
});
const diversity = words({
  per_category: z.int().min(1).max(100).optional().describe('At most so many items of one category, the narrowest one.'),
  relevance: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe('Maximal marginal relevance: 1 = only the score counts, 0 = only how unlike an item is to those before it, by their categories.'),
});

/** How a recommender is written. */
export const recommender = words({
  kind: oneOf(kindNames).describe(`How it works. ${kindDocs}`),
  of: named(z.number().gt(0).max(1_000))
    .optional()
    .describe(
      "Of `blend`: names of other recommenders and how much each says. Each one's scores are taken over its greatest of the answer. What a part says of history, exclusions and placements is without effect: those of the recommender that is asked for hold.",
    ),
  over: oneOf(['baskets', 'sessions'])
    .default('baskets')
    .describe(
      `What it is counted from: baskets of events with \`role: purchase\`, or sessions of looks, of events with \`role: view\` or \`add_to_cart\` whose \`item\` lies in clear. Of ${overSessions}.`,
    ),
  half_life: duration.optional().describe(`After so long a use counts half. ${takenBy('half_life', inDays)}`),
  sessions_max: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(`Of the baskets that share an item so many are looked at, the newest. ${takenBy('sessions_max')}`),
  neighbours: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe(`And of these so many speak, the most alike. ${takenBy('neighbours')}`),
  place_scale: z
    .number()
    .gt(0)
    .optional()
    .describe(`So many places from the end of the context an item says 1/e as much. ${takenBy('place_scale')}`),
  day_scale: z
    .number()
    .gt(0)
    .optional()
    .describe(`After so many days a basket says 1/e as much. ${takenBy('day_scale')}`),
  near_scale: z
    .number()
    .gt(0)
    .optional()
    .describe(`So many places from what it shares an item of a basket counts 1/e. ${takenBy('near_scale')}`),
  due_share: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(`How much less an item counts right after it was bought, until its usual gap has gone by. ${takenBy('due_share')}`),
  usual_gap: duration.optional().describe(`The gap between two purchases of an item that the customer bought once. ${takenBy('usual_gap', inDays)}`),
  item_half_life: z
    .number()
    .gt(0)
    .optional()
    .describe(`After so many distinct items one of the history says half as much. ${takenBy('item_half_life')}`),
  history: z
    .string()
    .optional()
    .describe("A feature of kind `recent_items`: what the customer bought. Absent = nothing of a profile is read, only the call's `context_items` count."),
  viewed: z
    .string()
    .optional()
    .describe(
      'A feature of kind `recent_items`: what the customer looked at. What it looked at in the last 30 minutes is the open session, and stands before `context_items`.',
    ),
  refused: z.string().optional().describe('A feature of kind `recent_items`: what the customer is not interested in. It is not recommended.'),
  less_of: z
    .string()
    .optional()
    .describe(
      'A feature of kind `recent_items`: what the customer wants less of. It is not recommended, and what is of its narrowest category, or bought together with it, counts down to a quarter.',
    ),
  purpose: z
    .string()
    .default('personalise')
    .describe('What these features are read for, unless the call names another purpose; without consent for it nothing of the profile counts.'),
  placements: z
    .array(z.string().regex(/^[a-z][a-z0-9_]{0,63}$/))
    .default([])
    .describe(
      'Where it answers: a call that names one of these placements, and no recommender, gets this one; one that names neither is of the placement `default`. A placement belongs to one recommender.',
    ),
  fallback: oneOf(['popular', 'nothing']).default('popular').describe('What fills up an answer that would be too short: what many bought lately, or nothing.'),
  exclude: z
    .array(exclusion)
    .prefault(['out_of_stock'])
    .describe(
      'What is never recommended: `out_of_stock` (items published with `available: false`), `bought`, `bought_within_<duration>` such as `bought_within_30d`, `seen` or `seen_within_<duration>`.',
    ),
  recommend_context: z.boolean().default(false).describe('Whether the items of the context, such as the one that is looked at, may be recommended themselves.'),
  pins: z.array(itemId).max(20).default([]).describe('Items that come first, in this order, unless they are excluded.'),
  boosts: z.array(boost).max(50).default([]).describe('Which items count more or less. Where several hold, all count.'),
  diversity: diversity.optional().describe('How unlike the items of an answer are to be.'),
});

/** A recommender as it is written. */
export type WrittenRecommender = z.infer<typeof recommender>;
