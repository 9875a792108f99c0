import { AttuneError } from '@attune/kernel/errors';
import { expect, test } from 'vitest';
import { keptSpans } from './kept-spans.fixture.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

test('a span that comes from elsewhere is traced on, and what it does belongs to it', async () => {
  const { traces, spans } = keptSpans(0);
  await traces.within('rpc serve', { parent: `00-${TRACE}-${PARENT}-01`, root: true }, async () => traces.within('rpc call', {}, async () => undefined));
  const [inner, outer] = spans();
  expect(spans().map(({ traceparent }) => traceparent.slice(3, 35))).toEqual([TRACE, TRACE]);
  expect([outer?.parent, inner?.parent]).toEqual([PARENT, outer?.traceparent.slice(36, 52)]);
});

test('what is not sampled elsewhere is not sampled here, and goes along as it is', async () => {
  const { traces, spans } = keptSpans();
  const parent = `00-${TRACE}-${PARENT}-00`;
  expect(await traces.within('rpc serve', { parent, root: true }, async () => traces.current())).toBe(parent);
  expect(spans()).toEqual([]);
});

test.each([0.4, 0.6])('of what begins here, the share of the setting is kept: %d', async (share) => {
  const { traces, spans } = keptSpans(share);
  await traces.within('rpc serve', { root: true }, async () => undefined);
  await traces.within('rpc call', {}, async () => undefined);
  expect(spans().length).toBe(share > 0.5 ? 1 : 0);
});

test.each(['ada@example.com', `00-${'0'.repeat(32)}-${PARENT}-01`, `00-${TRACE}-${PARENT}-01\n`, ''])('what a sender wrote is no trace: %j', async (parent) => {
  const { traces } = keptSpans(0);
  expect(traces.open('rpc serve', { parent, root: true })).toBeUndefined();
  expect(await traces.within('rpc serve', { parent, root: true }, async () => traces.current())).toBeUndefined();
});

test('a span with a given cause has the same id each time, and a fault ends one with its code', async () => {
  const { traces, spans } = keptSpans();
  const ids = ['a', 'a', 'b'].map((idFrom) => traces.open('record fold', { root: true, idFrom })?.traceparent.slice(36, 52));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
  await expect(traces.within('rpc serve', { root: true }, () => Promise.reject(new AttuneError('ERASED')))).rejects.toThrow();
  expect(spans()).toMatchObject([{ attributes: { 'attune.code': 'ERASED' } }]);
});

test('what had to wait begins a trace of its own that links to the one before, where that was traced', async () => {
  const { traces, spans } = keptSpans(0);
  await traces.within('delivery try', { link: `00-${TRACE}-${PARENT}-01` }, async () => traces.within('channel send', {}, async () => undefined));
  const [inner, outer] = spans();
  expect(outer).toMatchObject({ name: 'delivery try', parent: undefined, links: [TRACE] });
  expect(inner?.traceparent.slice(3, 35)).toBe(outer?.traceparent.slice(3, 35));
  expect(outer?.traceparent).not.toContain(TRACE);
  for (const link of [`00-${TRACE}-${PARENT}-00`, 'ada@example.com', undefined])
    expect(await traces.within('delivery try', { link }, async () => traces.current())).toBeUndefined();
  expect(spans()).toHaveLength(2);
});
