import { type FeatureKind, folds, missing, present } from './feature-kind.ts';
import { decodeSpan, emptySpan, encodeSpan, mergeSpans, momentSpan, type Span } from './span.ts';

const VERSION = 1;
const DAY_MS = 86_400_000;

/** The mean time between two events in a row, in units (days when absent), with fractions: (newest − oldest) / (events − 1). Missing below min_events, and below 2. */
export const meanGap: FeatureKind<Span> = {
  spec: {
    keyword: 'mean_gap',
    operand: 'event',
    options: {
      unit: { type: 'unit', required: true, doc: 'The unit of the answer.' },
      min_events: { type: 'count', required: false, doc: 'Events needed before there is an answer; 2 when absent.' },
    },
    result: 'number',
    bytesMax: () => 32,
    doc: 'The mean time between one event and the next.',
  },
  init: () => emptySpan,
  step: (state, event, declaration) => (folds(declaration, event) ? mergeSpans(state, momentSpan(event.timestampMs)) : state),
  merge: mergeSpans,
  read(state, _nowMs, { unitMs = DAY_MS, minEvents = 2 }) {
    if (state.events < Math.max(2, minEvents)) return missing;
    return present((state.newestMs - state.oldestMs) / (state.events - 1) / unitMs);
  },
  encode: (state) => encodeSpan(state, VERSION),
  decode: (bytes) => decodeSpan(bytes, VERSION),
};
