import { type DescEnum, ScalarType } from '@bufbuild/protobuf';
import { listed, type Misfit } from './misfit.ts';

/** What a value may be. */
export interface ScalarShape {
  readonly closed: DescEnum | undefined;
  readonly scalar: ScalarType | undefined;
}

/** What is wrong with a text, number, truth, bytes or word of a list; undefined where nothing is. Numbers may come as texts; texts may not come as numbers, since a long one would silently become another. */
export function scalarMisfit(value: unknown, { closed, scalar }: ScalarShape, path: string): Misfit | undefined {
  const expected = closed ? misfitOfWord(value, closed) : misfitOfScalar(value, scalar);
  return expected === undefined ? undefined : { path, expected };
}

function misfitOfWord(value: unknown, { values }: DescEnum): string | undefined {
  if (values.some(({ name, number }) => value === name || value === number)) return undefined;
  return `One of ${listed(values.filter(({ number }) => number > 0).map(({ name }) => name))} is expected.`;
}

function misfitOfScalar(value: unknown, scalar: ScalarType | undefined): string | undefined {
  switch (scalar) {
    case ScalarType.STRING:
      return typeof value === 'string' ? undefined : `A text is expected${typeof value === 'number' ? ': put it in quotation marks' : ''}.`;
    case ScalarType.BOOL:
      return typeof value === 'boolean' ? undefined : 'true or false is expected.';
    case ScalarType.BYTES:
      return typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value) ? undefined : 'Bytes in base64 are expected.';
    case ScalarType.DOUBLE:
    case ScalarType.FLOAT:
      return Number.isFinite(typeof value === 'string' && value.trim() !== '' ? Number(value) : value) ? undefined : 'A number is expected.';
    default:
      return misfitOfWhole(value, WHOLE[scalar ?? ScalarType.INT32] ?? INT32);
  }
}

type Bounds = readonly [min: bigint, max: bigint];
const INT32: Bounds = [-(2n ** 31n), 2n ** 31n - 1n];
const UINT32: Bounds = [0n, 2n ** 32n - 1n];
const INT64: Bounds = [-(2n ** 63n), 2n ** 63n - 1n];
const UINT64: Bounds = [0n, 2n ** 64n - 1n];
const WHOLE: Readonly<Partial<Record<ScalarType, Bounds>>> = {
  [ScalarType.UINT32]: UINT32,
  [ScalarType.FIXED32]: UINT32,
  [ScalarType.INT64]: INT64,
  [ScalarType.SINT64]: INT64,
  [ScalarType.SFIXED64]: INT64,
  [ScalarType.UINT64]: UINT64,
  [ScalarType.FIXED64]: UINT64,
};

function misfitOfWhole(value: unknown, [min, max]: Bounds): string | undefined {
  // A number beyond 2^53 has lost its last digits before anybody here sees it.
  const whole = Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) ? BigInt(value as number | string) : undefined;
  return whole !== undefined && whole >= min && whole <= max ? undefined : `A whole number from ${min} to ${max} is expected, beyond 2^53 as a text.`;
}
