import { missing, present } from './feature-kind.ts';
import { joinMoments, MOMENTS_BYTES_MAX, type Moments, momentsOf, readMoments, varianceOf, writeMoments } from './moments.ts';
import { windowed, windowOption } from './windowed.ts';

/** The standard deviation of a field, of all its numbers (of the population, not of a sample). 0 where there is one, missing where there is none. */
export const stdDev = windowed<Moments>({
  spec: {
    keyword: 'std_dev',
    operand: 'field',
    options: { of: { type: 'event', required: true, doc: 'The event whose field is read.' }, window: windowOption },
    result: 'number',
    doc: 'The standard deviation of a number that the events carry, of the population.',
  },
  version: 1,
  partBytesMax: MOMENTS_BYTES_MAX,
  of: momentsOf,
  join: joinMoments,
  value: (part, { decimals }) => (part === undefined ? missing : present(Math.sqrt(varianceOf(part, decimals)))),
  write: writeMoments,
  read: readMoments,
});
