import { z } from 'zod';
import { say } from './faults.ts';
import { duration, words } from './words.ts';

/** So many names a view has at most. */
export const VIEW_NAMES_MAX = 200;

/** A view as it is written, in either form. */
export interface WrittenView {
  readonly features: readonly string[];
  readonly purpose?: string | undefined;
  readonly max_age?: number | undefined;
  /** True for a list of names, with no words beside it. */
  readonly plain: boolean;
}

const names = z.array(z.string()).min(1).max(VIEW_NAMES_MAX);
const whole = words({
  features: names.describe('Its values in order: features, one value of a feature with `by` as `<feature>.<name>`, and traits as `traits.<name>`.'),
  purpose: z
    .string()
    .optional()
    .describe(
      'What it is read for where a call names no purpose, as a Feast client never does. Each of its values must be declared for it. Absent = calls must name one.',
    ),
  max_age: duration
    .optional()
    .describe('Values whose newest event is older are answered as STALE, by `GetFeatures` alone. Absent = the `max_age` of each feature.'),
});

/** How a view is written: a list of names, or a mapping. */
export const view = z.union(
  [names.transform((features): WrittenView => ({ features, plain: true })), whole.transform((written): WrittenView => ({ ...written, plain: false }))],
  {
    error: ({ input }) =>
      typeof input === 'object' && input !== null ? undefined : say('This is not a view.', 'Write a list of features, or { features: [one, two] }.'),
  },
);
