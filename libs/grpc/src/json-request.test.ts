import { GetFeaturesRequest, GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import { ListMailsRequest } from '@attune/contracts/messages/notification/v1/notification';
import { RecordConsentRequest } from '@attune/contracts/messages/privacy/v1/privacy';
import { expect, test } from 'vitest';
import { type JsonMessage, readRequest } from './json-request.ts';

const read = <Message>(json: unknown, message: JsonMessage<Message>): Message => readRequest(Buffer.from(JSON.stringify(json)), message);
const subject = { user_id: 'ada' };

test.each([{ user_id: 'ada' }, { userId: 'ada' }, { user_id: 'ada', anonymous_id: null }])('the subject %j is read in both spellings', (written) => {
  expect(read({ subject: written, purpose: 'service' }, GetProfileRequest).subject?.id).toEqual({ $case: 'userId', value: 'ada' });
});

test('what is left out, null, or a default is the default', () => {
  const empty = GetProfileRequest.fromPartial({});
  for (const body of [undefined, Buffer.alloc(0), Buffer.from('{}'), Buffer.from('{"subject":null,"purpose":""}')]) {
    expect(readRequest(body, GetProfileRequest)).toEqual(empty);
  }
  expect(read({ subject, purposes: { a: false, b: true } }, RecordConsentRequest).purposes).toEqual({ a: false, b: true });
});

test('a number may be a text and a text a number', () => {
  expect(read({ page_size: '7' }, ListMailsRequest).pageSize).toBe(7);
  expect(read({ subject: { user_id: 7 } }, GetProfileRequest).subject?.id?.value).toBe('7');
});

test.each(['no', 'false', 0, 1, null, {}, ['yes']].map((word) => [word] as const))('a consent of %j is neither yes nor no', (word) => {
  expect(() => read({ subject, purposes: { marketing: word } }, RecordConsentRequest)).toThrow(/REQUEST_INVALID.*Field: purposes\./);
});

test.each([{ user_id: ['ada'] }, { user_id: {} }, { user_id: true }, 'ada', 7, ['ada'], { user_id: 'ada', anonymous_id: 'b' }, { canary: 'ada' }])(
  'the subject %j is refused',
  (written) => {
    expect(() => read({ subject: written }, GetProfileRequest)).toThrow(/REQUEST_INVALID.*Field: subject\./);
  },
);

const wrong: readonly object[] = [
  { features: 'orders' },
  { subjects: { a: 1 } },
  { subjects: [null] },
  { subjects: 7 },
  { canary: 1 },
  { ['__proto__']: 1 },
  { toString: 1 },
];

test.each(wrong)('a body with %j is refused, in words that repeat none of it', (written) => {
  const refused = () => read(written, GetFeaturesRequest);
  expect(refused).toThrow('REQUEST_INVALID');
  expect(refused).not.toThrow('canary');
});

test.each(['', 'x', '[]', 'null', '7', '"x"', '{', '{"page_size":"x"}', '{"page_size":1e999}'])('the body %s is the empty request or refused', (text) => {
  const answer = () => readRequest(Buffer.from(text), ListMailsRequest);
  if (text === '') expect(answer()).toEqual(ListMailsRequest.fromPartial({}));
  else expect(answer).toThrow('REQUEST_INVALID');
});

test('a body that is not UTF-8 is refused', () => {
  expect(() => readRequest(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), GetProfileRequest)).toThrow('REQUEST_INVALID');
});
