import { AttuneError } from '@attune/kernel/errors';
import { expect, test } from 'vitest';
import { isRefusal, toLogFault, withinDeadline } from './deadline.ts';

const kafkaFault = (name: string, retriable: boolean, cause?: Error): Error => Object.assign(new Error(name, { cause }), { name, retriable });

test('a refusal that wraps a lost connection counts as unavailable', () => {
  const fault = kafkaFault('KafkaJSNonRetriableError', false, kafkaFault('KafkaJSConnectionError', true));
  expect(toLogFault(fault).code).toBe('LOG_UNAVAILABLE');
});

test('retries that came to an end count as unavailable', () => {
  expect(toLogFault(kafkaFault('KafkaJSNumberOfRetriesExceeded', false)).code).toBe('LOG_UNAVAILABLE');
});

test('what the broker refuses for good is an internal fault', () => {
  const fault = kafkaFault('KafkaJSNonRetriableError', false, kafkaFault('KafkaJSProtocolError', false));
  expect(toLogFault(fault).code).toBe('INTERNAL');
});

test.each(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'])("the broker's %s is told apart from other refusals", (type) => {
  const fault = kafkaFault('KafkaJSNonRetriableError', false, Object.assign(kafkaFault('KafkaJSProtocolError', false), { type }));
  expect(toLogFault(fault).code).toBe('EVENT_TOO_LARGE');
  expect(isRefusal(toLogFault(fault))).toBe(true);
});

test('a fault of the network counts as unavailable, a fault of our own as internal', () => {
  expect(toLogFault(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })).code).toBe('LOG_UNAVAILABLE');
  expect(toLogFault(new TypeError('undefined is not a function')).code).toBe('INTERNAL');
});

test('work that nobody waits for any more is told so', async () => {
  const told = Promise.withResolvers<boolean>();
  const late = withinDeadline(10, 'a call', async (over) => {
    while (!over()) await new Promise((resolve) => setTimeout(resolve, 1));
    told.resolve(over());
  });
  await expect(late).rejects.toBeInstanceOf(AttuneError);
  expect(await told.promise).toBe(true);
});
