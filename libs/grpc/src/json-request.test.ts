import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { IngestionServiceService } from '@attune/contracts/grpc/ingestion/v1/ingestion';
import { OutboxServiceService } from '@attune/contracts/grpc/notification/v1/notification';
import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import { GetFeaturesRequest, GetProfileRequest } from '@attune/contracts/messages/features/v1/features';
import { PublishEventsRequest, PublishItemsRequest } from '@attune/contracts/messages/ingestion/v1/ingestion';
import { ListMailsRequest } from '@attune/contracts/messages/notification/v1/notification';
import { RecordConsentRequest } from '@attune/contracts/messages/privacy/v1/privacy';
import { expect, test } from 'vitest';
import { requestShapeOf } from './contracts.ts';
import { type JsonMessage, readRequest } from './json-request.ts';

const reader =
  <Message>(message: JsonMessage<Message>, { path }: { readonly path: string }) =>
  (body: unknown): Message =>
    readRequest(Buffer.isBuffer(body) || body === undefined ? body : Buffer.from(JSON.stringify(body)), message, requestShapeOf(path));
const profile = reader(GetProfileRequest, FeatureStoreServiceService.getProfile);
const features = reader(GetFeaturesRequest, FeatureStoreServiceService.getFeatures);
const consent = reader(RecordConsentRequest, PrivacyServiceService.recordConsent);
const mails = reader(ListMailsRequest, OutboxServiceService.listMails);
const events = reader(PublishEventsRequest, IngestionServiceService.publishEvents);
const items = reader(PublishItemsRequest, IngestionServiceService.publishItems);
const subject = { user_id: 'ada' };

test.each([{ user_id: 'ada' }, { userId: 'ada' }, { user_id: 'ada', anonymous_id: null }])('the subject %j is read in both spellings', (written) => {
  expect(profile({ subject: written, purpose: 'service' }).subject?.id).toEqual({ $case: 'userId', value: 'ada' });
});

test('what is left out, null, or a default is the default', () => {
  const empty = GetProfileRequest.fromPartial({});
  for (const body of [undefined, Buffer.alloc(0), Buffer.from('{}'), Buffer.from('{"subject":null,"purpose":""}')]) expect(profile(body)).toEqual(empty);
  expect(consent({ subject, purposes: { a: false, b: true } }).purposes).toEqual({ a: false, b: true });
});

test('a number may be a text, and a text not a number: a long one would become another customer', () => {
  expect(mails({ page_size: '7' }).pageSize).toBe(7);
  expect(() => profile({ subject: { user_id: 7 } })).toThrow(/Field: subject\.user_id\. A text is expected: put it in quotation marks\.$/);
});

const refusals = [
  [profile, { subject: { userId: 5 } }, 'Field: subject.userId. A text is expected: put it in quotation marks.'],
  [profile, { subject: { user_id: ['canary'] } }, 'Field: subject.user_id. A text is expected.'],
  [profile, { subject: 'canary' }, 'Field: subject. An object is expected, with userId, anonymousId, profileId.'],
  [profile, { subject: ['canary'] }, 'Field: subject. An object is expected, with userId, anonymousId, profileId.'],
  [profile, { subject: { user_id: 'a', anonymousId: 'b' } }, 'Field: subject.anonymousId. Only one of userId, anonymousId, profileId may be given.'],
  [profile, { subject: { userId: 'a', user_id: 'b' } }, 'Field: subject.user_id. Only one of userId, anonymousId, profileId may be given.'],
  [
    profile,
    { subject: { usrId: 'a' } },
    'Field: subject. It has an unknown name, number 1 of 1; the nearest known is userId. Known are userId, anonymousId, profileId.',
  ],
  [
    profile,
    { subject: { user_ids: 'a' } },
    'Field: subject. It has an unknown name, number 1 of 1; the nearest known is user_id. Known are user_id, anonymous_id, profile_id.',
  ],
  [profile, { subject: { canary: 'ada' } }, 'Field: subject. It has an unknown name, number 1 of 1. Known are userId, anonymousId, profileId.'],
  [profile, { subject, porpose: 'x' }, 'The body has an unknown name, number 2 of 2; the nearest known is purpose. Known are subject, purpose, atLeast.'],
  [profile, { purpose: 'a', subject: { toString: 1 } }, 'Field: subject. It has an unknown name, number 1 of 1. Known are userId, anonymousId, profileId.'],
  [
    items,
    { items: [{ price: { minor: 2 ** 53 } }] },
    'Field: items[0].price.minor. A whole number from -9223372036854775808 to 9223372036854775807 is expected, beyond 2^53 as a text.',
  ],
  [mails, { pageSize: 1.5 }, 'Field: pageSize. A whole number from -2147483648 to 2147483647 is expected, beyond 2^53 as a text.'],
  [features, { features: 'canary' }, 'Field: features. A list is expected.'],
  [features, { features: ['a', 7] }, 'Field: features[1]. A text is expected: put it in quotation marks.'],
  [features, { subjects: [subject, null] }, 'Field: subjects[1]. An object is expected, with userId, anonymousId, profileId.'],
  [
    features,
    { subjects: [subject, { userID: 'a' }] },
    'Field: subjects[1]. It has an unknown name, number 1 of 1; the nearest known is userId. Known are userId, anonymousId, profileId.',
  ],
  [features, JSON.parse('{"__proto__":{"canary":1}}'), 'The body has an unknown name, number 1 of 1. Known are subjects, features, purpose, views, at_least.'],
  [consent, { subject, purposes: ['canary'] }, 'Field: purposes. An object is expected.'],
  [consent, JSON.parse('{"purposes":{"__proto__":true}}'), 'Field: purposes. __proto__ may not be a key.'],
  [events, { events: [{ timestamp: 'soon' }] }, 'Field: events[0].timestamp. A time such as 2026-01-31T12:00:00Z is expected.'],
  [events, { events: [{ timestamp: 7 }] }, 'Field: events[0].timestamp. A time such as 2026-01-31T12:00:00Z is expected.'],
  [events, { events: [{ properties: [] }] }, 'Field: events[0].properties. A JSON object is expected.'],
  [events, { event: [] }, 'The body has an unknown name, number 1 of 1; the nearest known is events. Known are events.'],
  [items, { items: [{ titles: { 'canary@example.com': 7 } }] }, 'Field: items[0].titles.*. A text is expected: put it in quotation marks.'],
] as const;

test.each(refusals.map(([read, body, told]) => [body, told, read] as const))('the request %j is told: %s', (body, told, read) => {
  const refused = () => read(body);
  expect(refused).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID', detail: told }));
  expect(refused).not.toThrow('canary');
});

test.each(['no', 'false', 0, 1, null, {}, ['yes']].map((word) => [word] as const))('a consent of %j is neither yes nor no', (word) => {
  expect(() => consent({ subject, purposes: { marketing: word } })).toThrow(/REQUEST_INVALID.*Field: purposes\.\*\. true or false is expected\./);
});

test.each(['', 'x', '[]', 'null', '7', '"x"', '{', '{"page_size":"x"}', '{"page_size":""}', '{"page_size":1e999}', '{"page_size":true}'])(
  'the body %s is the empty request or refused',
  (text) => {
    const answer = () => mails(Buffer.from(text));
    if (text === '') expect(answer()).toEqual(ListMailsRequest.fromPartial({}));
    else expect(answer).toThrow('REQUEST_INVALID');
  },
);

test('a body that is not UTF-8 is refused', () => {
  expect(() => profile(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow('REQUEST_INVALID');
});
