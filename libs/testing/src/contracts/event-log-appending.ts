import { partitionOf } from '@attune/kernel/hash';
import { expect, test } from 'vitest';
import { aRecord, aTopic, type LogSubject, tenant, texts } from './event-log-subject.ts';

/** Appending, reading without a group, bounds and identity. */
export function appendingCases(subject: () => LogSubject, reopens: boolean): void {
  test('records of a partition are read in the order of their appending', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b')]);
    await log.append(tenant, topic, [aRecord('c')]);
    expect(texts(await log.read(topic, 0, 0, 10))).toEqual(['a', 'b', 'c']);
  });

  test('positions are dense in each partition and come in the order of the records', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('first')]);
    const positions = await log.append(tenant, topic, [aRecord('b', { partition: 1 }), aRecord('a'), aRecord('c', { partition: 1 })]);
    expect(positions).toEqual([
      { topic, partition: 1, offset: 0 },
      { topic, partition: 0, offset: 1 },
      { topic, partition: 1, offset: 1 },
    ]);
  });

  test('tenant, key, headers and value come back as they were given', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append('Zürich', topic, [aRecord('wert', { key: 'schlüssel', headers: { trace: '00-abc', note: 'größer' } })]);
    const [record] = await log.read(topic, 0, 0, 1);
    expect(record).toMatchObject({ topic, partition: 0, offset: 0, tenant: 'Zürich', key: 'schlüssel', headers: { trace: '00-abc', note: 'größer' } });
    expect(record?.headers).not.toHaveProperty('tenant');
    expect(texts([record].filter((some) => some !== undefined))).toEqual(['wert']);
  });

  test('a key goes to the partition that every Kafka client would choose', async () => {
    const { log } = subject();
    const topic = await aTopic(log, 4);
    const keys = ['a', 'customer-7', 'größe', '日本', ''];
    const positions = await log.append(
      tenant,
      topic,
      keys.map((key) => ({ key, value: new Uint8Array(1) })),
    );
    expect(positions.map(({ partition }) => partition)).toEqual(keys.map((key) => partitionOf(key, 4)));
  });

  test('an empty value stays an empty value', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('', { key: 'k' })]);
    const [record] = await log.read(topic, 0, 0, 1);
    expect(record?.value).toHaveLength(0);
    expect(record).not.toHaveProperty('tombstone');
  });

  test('appending nothing gives no positions', async () => {
    const { log } = subject();
    expect(await log.append(tenant, await aTopic(log), [])).toEqual([]);
  });

  test('a thousand concurrent appends keep the order of each caller', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    const positions = await Promise.all(Array.from({ length: 1000 }, (_, i) => log.append(tenant, topic, [aRecord(String(i))])));
    expect(positions.flat().map(({ offset }) => offset)).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(texts(await log.read(topic, 0, 0, 2000))).toEqual(Array.from({ length: 1000 }, (_, i) => String(i)));
  });

  test('reading starts at any offset, takes at most what was asked for and is empty at the end', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a'), aRecord('b'), aRecord('c')]);
    expect(texts(await log.read(topic, 0, 1, 1))).toEqual(['b']);
    expect(texts(await log.read(topic, 0, 1, 10))).toEqual(['b', 'c']);
    expect(await log.read(topic, 0, 3, 10)).toEqual([]);
    expect(await log.read(topic, 0, 99, 10)).toEqual([]);
    expect(await log.read(topic, 1, 0, 10)).toEqual([]);
  });

  test('times of appending never go back within a partition', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    for (const text of ['a', 'b', 'c']) await log.append(tenant, topic, [aRecord(text)]);
    const times = (await log.read(topic, 0, 0, 3)).map(({ appendedAtMs }) => appendedAtMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(0);
  });

  test('bounds follow what is appended', async () => {
    const { log } = subject();
    const topic = await aTopic(log);
    expect(await log.bounds(topic, 0)).toEqual({ startOffset: 0, endOffset: 0 });
    await log.append(tenant, topic, [aRecord('a'), aRecord('b')]);
    expect(await log.bounds(topic, 0)).toEqual({ startOffset: 0, endOffset: 2 });
  });

  test('making a topic again leaves it as it is', async () => {
    const { log } = subject();
    const topic = await aTopic(log, 2);
    await log.append(tenant, topic, [aRecord('a')]);
    await log.ensureTopics([{ topic, partitions: 5 }]);
    expect(await log.identity(topic)).toMatchObject({ partitions: 2 });
    expect(texts(await log.read(topic, 0, 0, 1))).toEqual(['a']);
  });

  test('an unknown topic is refused as unavailable', async () => {
    const { log } = subject();
    await expect(log.append(tenant, 'contract.nowhere', [aRecord('a')])).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
  });

  if (!reopens) return;
  test('records, identity and the next offset survive a reopening', async () => {
    const { log, reopen } = subject();
    const topic = await aTopic(log);
    await log.append(tenant, topic, [aRecord('a')]);
    const identity = await log.identity(topic);
    await log.close();
    const again = await reopen?.();
    expect(await again?.identity(topic)).toEqual(identity);
    expect(await again?.append(tenant, topic, [aRecord('b')])).toEqual([{ topic, partition: 0, offset: 1 }]);
    expect(texts((await again?.read(topic, 0, 0, 9)) ?? [])).toEqual(['a', 'b']);
    await again?.close();
  });
}
