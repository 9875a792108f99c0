import { z } from 'zod';
import { say } from './faults.ts';
import { duration, words } from './words.ts';

const moments = words({
  each: z.string().optional().describe('One row for each event of this name, once it was folded.'),
  every: duration.optional().describe('One row a customer at each full multiple of this time since 1970 (UTC), such as `7d`.'),
  decisions: z.string().optional().describe('One row for each decision of this campaign, with what the decision could know; `all` = of every campaign.'),
}).refine((it) => [it.each, it.every, it.decisions].filter((one) => one !== undefined).length === 1, {
  error: say('A label has one kind of moments.', 'Write each: <event>, every: 7d, or decisions: <campaign>.'),
});

/** How a label is written. */
export const label = words({
  event: z
    .string()
    .optional()
    .describe('True (1) where this event happens in time, else 0. Either this, `count` or `sum`; `role.<role>` names the one event of a role.'),
  count: z.string().optional().describe('How often this event happens in time.'),
  sum: z.string().optional().describe('The sum of this field over the events of `of` in time.'),
  of: z.string().optional().describe('The event that `sum` reads.'),
  where: z.string().optional().describe('A condition on the fields of the event: only events of which it holds count.'),
  within: duration.describe('How long after the moment of a row, which does not count itself.'),
  view: z.string().describe('The view whose values a row has.'),
  purpose: z.string().optional().describe('What the values are read for; absent = the purpose of the view.'),
  moments: moments
    .optional()
    .describe('When rows are taken; absent = `every` of the same length as `within`, so that no two rows of a customer look at the same days.'),
})
  .refine((it) => [it.event, it.count, it.sum].filter((one) => one !== undefined).length === 1, {
    error: say('A label says one thing.', 'Write event: <event>, count: <event>, or sum: <field> with of: <event>.'),
  })
  .refine((it) => (it.sum === undefined) === (it.of === undefined), { error: say('sum and of belong together.', 'Write sum: total, of: Order Completed.') });
