import { z } from 'zod';
import { say } from './faults.ts';
import { duration, oneOf, words } from './words.ts';

const missing = z.union([z.literal('nan'), z.literal('refuse'), z.number()], {
  error: () => say('This is not what a missing value becomes.', 'Write nan, refuse, or a number.'),
});
const codes = z.union([z.array(z.string()).min(1).max(10_000), z.record(z.string(), z.int().min(0).max(1_000_000))], {
  error: () => say('These are no codes.', 'Write a list of texts, whose places from 0 are their codes, or a mapping such as { GB: 0, ID: 1 }.'),
});

const input = words({
  as: z.string().optional().describe('What the model calls it. Absent = as the view does, with or without `traits.`.'),
  codes: codes.optional().describe('What stands for a text: a list whose places from 0 are the codes, or a mapping. A text without a code counts as missing.'),
  missing: missing.optional().describe("What this value becomes where it has none; absent = the model's `missing`."),
});

/** How a model is written. */
export const model = words({
  kind: words({
    file: z
      .string()
      .min(1)
      .max(500)
      .describe(
        'Its file, from the folder of this one: the text or JSON of LightGBM, or the JSON of XGBoost. It is read at the start, and its SHA-256 is told.',
      ),
  }).describe('What it is.'),
  view: z.string().describe("The view that it reads. Its values are found by the model's own names, in any order; where the model has none, by their places."),
  purpose: z.string().optional().describe("What the view is read for, unless the call names another purpose; absent = the view's."),
  inputs: z.record(z.string(), input).default({}).describe('What is to be said of single values of the view, by their names there.'),
  missing: missing
    .default('nan')
    .describe(
      'What a value becomes that is not there: `nan` (the way that the model keeps for it), a number, or `refuse` (no prediction). Where all are missing there is none.',
    ),
  withheld: oneOf(['refuse', 'missing'])
    .default('refuse')
    .describe('What comes of a value that consent does not cover, or that was erased: `refuse` (no prediction), or `missing` (as if it were not there).'),
  stale_after: duration.optional().describe('A value whose newest event is older counts as missing. Absent = none is too old.'),
  contributions: z
    .boolean()
    .default(true)
    .describe('Whether an answer says what each value did to it. False for a model that is too large to be explained in a call.'),
});
