import { missing, numberOf, present } from './feature-kind.ts';
import { fromUnits, toUnits } from './scaled.ts';
import { plus, type Whole } from './whole-number.ts';
import { windowed, windowOption } from './windowed.ts';

interface Mean {
  readonly events: number;
  /** In units of 10^-decimals. */
  readonly units: Whole;
}

/** The mean of a field: its exact sum by the number of events that carry a number there, in major units. Missing where none does. */
export const mean = windowed<Mean>({
  spec: {
    keyword: 'mean',
    operand: 'field',
    options: { of: { type: 'event', required: true, doc: 'The event whose field is read.' }, window: windowOption },
    result: 'number',
    doc: 'The mean of a number that the events carry.',
  },
  version: 1,
  partBytesMax: 8 + 18,
  of(event, declaration) {
    const value = numberOf(event, declaration);
    return value === undefined ? undefined : { events: 1, units: toUnits(value, declaration.decimals) };
  },
  join: (a, b) => ({ events: a.events + b.events, units: plus(a.units, b.units) }),
  value: (part, { decimals }) => (part === undefined ? missing : present(fromUnits(part.units, decimals) / part.events)),
  write: (writer, { events, units }) => writer.whole(events).whole(units),
  read: (reader) => ({ events: reader.whole(), units: reader.any() }),
});
