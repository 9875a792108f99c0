import { createRequire } from 'node:module';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { produceBody } from './produce-body.ts';
import { type ProduceProtocol, type ProduceWanted, writeAppendsAtOnce } from './produce-requests.ts';

const requests = createRequire(import.meta.url)('kafkajs/src/protocol/requests/produce') as ProduceProtocol;
const ofKafkajs = requests.protocol;
writeAppendsAtOnce();
const version = 7;

beforeEach(() => void vi.useFakeTimers({ now: 1_790_000_000_123 }));
afterEach(() => vi.useRealTimers());

const bytesOf = async (protocol: ProduceProtocol['protocol'], given: ProduceWanted, of = version): Promise<Buffer> =>
  (await protocol({ version: of })(given).request.encode()).buffer;

const text = fc.oneof(fc.string({ maxLength: 90 }), fc.string({ unit: 'grapheme', maxLength: 70 }));
const message = fc.record({
  key: text,
  value: fc.option(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
      fc.constant(Buffer.alloc(20_000, 7)),
    ),
    { freq: 5, nil: null },
  ),
  headers: fc.dictionary(text, text, { maxKeys: 5 }),
  partition: fc.nat(9),
});
const topic = fc.record({
  topic: fc.string({ minLength: 1, maxLength: 40 }),
  partitions: fc.array(fc.record({ partition: fc.nat(9), messages: fc.array(message, { minLength: 1, maxLength: 9 }) }), { minLength: 1, maxLength: 3 }),
});
const plain = fc.record({ acks: fc.constantFrom(-1, 1), timeout: fc.nat(30_000), topicData: fc.array(topic, { minLength: 1, maxLength: 3 }) });

test('an append is written byte for byte as kafkajs writes it', async () => {
  await fc.assert(
    fc.asyncProperty(plain, fc.constantFrom(3, 5, 7), async (given, of) => {
      expect((await bytesOf(requests.protocol, given, of)).equals(await bytesOf(ofKafkajs, given, of))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('sizes around each further byte of a length are right', async () => {
  for (const size of [0, 63, 64, 65, 8_190, 8_191, 8_192, 8_193, 1_048_575, 1_048_576]) {
    const messages = [{ key: 'k'.repeat(Math.min(size, 9_000)), value: Buffer.alloc(size, 1), headers: { a: 'ä'.repeat(Math.min(size, 9_000)) } }];
    const given = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages }] }] };
    expect((await bytesOf(requests.protocol, given)).equals(await bytesOf(ofKafkajs, given))).toBe(true);
  }
});

test('places around each further byte of a place in the batch are right', async () => {
  const messages = Array.from({ length: 8_194 }, (_, i) => ({ key: `k${i}`, value: i % 3 === 0 ? null : Buffer.from(String(i)), headers: {} }));
  const given = { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 3, messages }] }] };
  expect((await bytesOf(requests.protocol, given)).equals(await bytesOf(ofKafkajs, given))).toBe(true);
});

const given = (more: object, ofMessage: object = {}): ProduceWanted => {
  const messages = [{ key: 'k', value: Buffer.from('v'), headers: { a: 'b' }, ...ofMessage }];
  return { acks: -1, timeout: 1, topicData: [{ topic: 't', partitions: [{ partition: 0, messages, ...{ firstSequence: 0 } }] }], ...more };
};

test('what our records never have is left to kafkajs', async () => {
  const foreign = [
    given({ compression: 1 }),
    given({ producerId: 7, producerEpoch: 1 }),
    given({ transactionalId: 'x' }),
    given({}, { timestamp: '1780000000000' }),
    given({}, { headers: { a: ['b', 'c'] } }),
    given({}, { headers: { a: Buffer.from([0xff]) } }),
    given({}, { headers: undefined }),
    given({}, { value: 'text' }),
    given({}, { key: null }),
    given({}, { key: Buffer.from([0xff]) }),
  ];
  for (const one of foreign) expect((await bytesOf(requests.protocol, one)).equals(await bytesOf(ofKafkajs, one))).toBe(true);
});

test('the time of each record is that of writing', () => {
  const body = produceBody(given({}), 1_700_000_000_000);
  expect(body.includes(Buffer.from(1_700_000_000_000n.toString(16).padStart(16, '0'), 'hex'))).toBe(true);
});
