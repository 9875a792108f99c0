import { folds, missing, present } from './feature-kind.ts';
import { windowed, windowOption } from './windowed.ts';

interface Counts {
  readonly events: number;
  readonly per: number;
}

/** How many of one event there are for each of another, such as cancellations per order. Missing where there is none of the other. `where` asks about the first event only. */
export const rate = windowed<Counts>({
  spec: {
    keyword: 'rate',
    operand: 'event',
    options: { per: { type: 'event', required: true, doc: 'The event that it is divided by; `where` does not ask about it.' }, window: windowOption },
    result: 'number',
    doc: 'How many of one event there are for each of another.',
  },
  version: 1,
  partBytesMax: 16,
  of(event, declaration) {
    const [hits, per] = [folds(declaration, event) ? 1 : 0, event.name === declaration.per ? 1 : 0];
    return hits + per === 0 ? undefined : { events: hits, per };
  },
  join: (a, b) => ({ events: a.events + b.events, per: a.per + b.per }),
  value: (part) => (part === undefined || part.per === 0 ? missing : present(part.events / part.per)),
  write: (writer, { events, per }) => writer.whole(events).whole(per),
  read: (reader) => ({ events: reader.whole(), per: reader.whole() }),
});
