import { expect, test } from 'vitest';
import { clusterSlotOf, slotKeys, slotTag } from './slot-tag.ts';

test('slots follow the check value of CRC16/XMODEM and the examples of the Redis documentation', () => {
  expect(clusterSlotOf('123456789')).toBe(0x31c3);
  expect([clusterSlotOf('foo'), clusterSlotOf('user1000'), clusterSlotOf('')]).toEqual([12_182, 3_443, 0]);
});

test.each([1, 3, 4, 16, 64, 100])('each of %i partitions lies in its own equal range of slots', (partitions) => {
  for (let partition = 0; partition < partitions; partition++) {
    expect(Math.floor(((clusterSlotOf(slotTag(partition, partitions)) + 1) * partitions - 1) / 16_384)).toBe(partition);
  }
});

test('tags are the same for ever', () => {
  expect([slotTag(0, 1), slotTag(0, 4), slotTag(3, 4), slotTag(17, 64)]).toMatchInlineSnapshot(`
    [
      "0of1.0",
      "0of4.2",
      "3of4.1",
      "17of64.111",
    ]
  `);
});

test('a partition that does not exist has no tag', () => {
  for (const [partition, partitions] of [
    [4, 4],
    [-1, 4],
    [Number.NaN, 4],
    [0, 20_000],
  ] as const)
    expect(() => slotTag(partition, partitions)).toThrow(RangeError);
});

test('the keys of a slot share one hash tag and are told apart by part and processor', () => {
  expect(slotKeys({ processor: 'identity', partition: 0, partitions: 1 })).toEqual({
    states: '{0of1.0}:_:states:identity',
    outbox: '{0of1.0}:_:outbox:identity',
    due: '{0of1.0}:_:due:identity',
    skips: '{0of1.0}:_:skips:identity',
  });
});
