import { missing, numberOf, present } from './feature-kind.ts';
import { windowed, windowOption } from './windowed.ts';

/** The greatest number of a field. Missing where no event carries one. */
export const max = windowed<number>({
  spec: {
    keyword: 'max',
    operand: 'field',
    options: { of: { type: 'event', required: true, doc: 'The event whose field is read.' }, window: windowOption },
    result: 'number',
    doc: 'The greatest of a number that the events carry.',
  },
  version: 1,
  partBytesMax: 8,
  of: numberOf,
  join: Math.max,
  value: (part) => (part === undefined ? missing : present(part)),
  write: (writer, part) => writer.double(part),
  read: (reader) => reader.double(),
});
