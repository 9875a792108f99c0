import type { FeatureKindSpec } from '@attune/kernel/feature-kind';

const window = { type: 'window', required: false, doc: 'Only events this young count.' } as const;
const unit = { type: 'unit', required: false, doc: 'The unit of the answer.' } as const;
const of = { type: 'event', required: true, doc: 'The event that has the field.' } as const;

/** Kinds as services declare them, for the tests of the configuration. */
export const testKinds: readonly FeatureKindSpec[] = [
  { keyword: 'count', operand: 'event', options: { window }, result: 'number', doc: 'How many events.' },
  { keyword: 'sum', operand: 'field', options: { of, window }, result: 'number', doc: 'The sum of a field.' },
  { keyword: 'last', operand: 'field', options: { of }, result: 'field', doc: 'The last value of a field.' },
  { keyword: 'time_since', operand: 'event', options: { unit }, result: 'number', doc: 'The time since the last event.' },
  {
    keyword: 'mean_gap',
    operand: 'event',
    options: { unit, min_events: { type: 'count', required: false, doc: 'Events needed before there is a value.' } },
    result: 'number',
    doc: 'The mean time between events.',
  },
  { keyword: 'rate', operand: 'event', options: { per: { type: 'event', required: true, doc: 'The other event.' } }, result: 'number', doc: 'A rate.' },
  {
    keyword: 'decayed_count',
    operand: 'event',
    options: { half_life: { type: 'half_life', required: true, doc: 'The half-life.' } },
    result: 'number',
    doc: 'A count that decays.',
  },
  { keyword: 'streak', operand: 'event', options: { every: { type: 'period', required: true, doc: 'Day or week.' } }, result: 'number', doc: 'A streak.' },
  {
    keyword: 'percentile',
    operand: 'field',
    options: { of, p: { type: 'percent', required: true, doc: 'Which.' } },
    result: 'number',
    doc: 'A percentile.',
  },
  {
    keyword: 'top_k',
    operand: 'field',
    options: {
      of,
      k: { type: 'k', required: true, doc: 'How many.' },
      weight: { type: 'field', required: false, doc: 'How much.' },
    },
    result: 'texts',
    doc: 'The heaviest values.',
  },
  {
    keyword: 'unique_count',
    operand: 'field',
    options: { of, window },
    result: 'number',
    anyField: true,
    bytesMax: ({ windowMs }) => (windowMs === undefined ? 1_000 : 8_000),
    doc: 'Different values.',
  },
  { keyword: 'recent_items', operand: 'event', options: {}, result: 'items', doc: 'The items of events.' },
];
