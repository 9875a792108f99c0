import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import { expect, test } from 'vitest';
import { requestShapeOf } from './contracts.ts';
import { wireFault } from './wire-fault.ts';

const shape = requestShapeOf(FeatureStoreServiceService.getProfile.path);
const good = GetProfileRequest.encode(GetProfileRequest.fromPartial({ subject: { id: { $case: 'userId', value: 'ada' } }, purpose: 'service' })).finish();

test('a request that is whole has no fault, and what it holds beyond the contract is none', () => {
  expect(wireFault(good, shape)).toBeUndefined();
  expect(wireFault(new Uint8Array(), shape)).toBeUndefined();
  expect(wireFault(Uint8Array.of(...good, 0xf8, 0x07, 1), shape)).toBeUndefined();
});

test.each([
  ['subject.user_id', [0x0a, 2, 0x0a, 9]],
  ['subject', [0x0a, 100, 0x0a, 1, 97]],
  ['purpose', [0x12, 5, 97]],
  ['purpose', [0x13, 0x13]],
] as const)('a fault lies in %s of the bytes %j', (path, bytes) => {
  expect(wireFault(Uint8Array.from(bytes), shape)).toBe(path);
});

test('bytes cut anywhere name a field, or nothing, and never break', () => {
  for (let end = 0; end < good.length; end++) expect(['undefined', 'string']).toContain(typeof wireFault(good.subarray(0, end), shape));
  expect(wireFault(Uint8Array.of(0xff), shape)).toBeUndefined();
});
