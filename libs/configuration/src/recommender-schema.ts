import { z } from 'zod';
import { durationMs } from './durations.ts';
import { say } from './faults.ts';
import { oneOf, shown, words } from './words.ts';

/** What a recommender keeps out of its answer. */
export type WrittenExclusion = { readonly kind: 'out_of_stock' } | { readonly kind: 'bought'; readonly withinMs?: number };

/** One word of `exclude`. */
export const exclusion = z.unknown().transform((written, context): WrittenExclusion => {
  if (written === 'out_of_stock') return { kind: 'out_of_stock' };
  if (written === 'bought') return { kind: 'bought' };
  const withinMs = typeof written === 'string' && written.startsWith(WITHIN) ? durationMs(written.slice(WITHIN.length)) : undefined;
  if (withinMs !== undefined) return { kind: 'bought', withinMs };
  context.issues.push({
    code: 'custom',
    input: written,
    message: say(`${shown(written)} excludes nothing that is known.`, 'Write out_of_stock, bought, or bought_within_30d with any duration.'),
  });
  return z.NEVER;
});

const WITHIN = 'bought_within_';

/** How a recommender is written. */
export const recommender = words({
  kind: oneOf(['co_purchase']).describe('How it works. `co_purchase`: what the customer buys again and again, and what others bought together with that.'),
  history: z
    .string()
    .optional()
    .describe("A feature of kind `recent_items`: what the customer bought. Absent = nothing of a profile is read, only the call's `context_items` count."),
  purpose: z
    .string()
    .default('personalise')
    .describe('What the history is read for, unless the call names another purpose; without consent for it nothing of the profile counts.'),
  fallback: oneOf(['popular', 'nothing']).default('popular').describe('What fills up an answer that would be too short: what many bought lately, or nothing.'),
  exclude: z
    .array(exclusion)
    .prefault(['out_of_stock'])
    .describe(
      'What is never recommended: `out_of_stock` (items published with `available: false`), `bought`, or `bought_within_<duration>` such as `bought_within_30d`.',
    ),
});
