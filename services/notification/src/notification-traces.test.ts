import { Decision } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { keptSpans } from '@attune/runtime/telemetry/kept-spans.fixture';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NotificationWorld } from './notification-world.ts';

let world: NotificationWorld;
beforeEach(() => {
  world = new NotificationWorld();
});
afterEach(() => world.end());

test('a message that waited for the morning is sent in a trace of its own, which links to that of its decision', async () => {
  const { traces, spans } = keptSpans(0);
  world.traces = traces;
  await world.begin('2026-06-01T12:00:00Z');
  world.customer('ada');
  world.moveTo('2026-06-01T22:00:00Z');
  const [trace, other] = ['4bf92f3577b34da6a3ce929d0e0e4736', '1bf92f3577b34da6a3ce929d0e0e4731'];
  const decided = async (id: string, traceparent: Readonly<Record<string, string>>): Promise<void> => {
    const decision = world.decision(id, 'ada', { campaign: id });
    const headers = { type: 'attune.log.v1.Decision', id, ...traceparent };
    await world.log.append('default', 'attune.decisions.v1', [{ key: 'ada', value: Decision.encode(decision).finish(), headers }]);
    await until(async () => (await world.deliveries()).includes(`${id} HELD QUIET_HOURS`));
  };
  await decided('d1', { traceparent: `00-${trace}-00f067aa0ba902b7-01` });
  await decided('d2', {});
  await decided('d3', { traceparent: `00-${other}-00f067aa0ba902b7-00` });
  expect(spans().filter(({ name }) => name === 'delivery try')).toMatchObject([{ links: [], traceparent: expect.stringContaining(trace) }]);
  world.moveTo('2026-06-02T12:00:00Z');
  await until(async () => (await world.deliveries()).includes('d1 SENT') && (await world.deliveries()).some((one) => one.startsWith('d3 DROPPED')));
  const later = spans().filter(({ name, links }) => name === 'delivery try' && links.length > 0);
  expect(later).toMatchObject([{ links: [trace], parent: undefined }]);
  const [own] = later.map(({ traceparent }) => traceparent.slice(3, 35));
  expect(own).not.toBe(trace);
  expect(
    spans()
      .filter(({ name }) => name === 'channel send')
      .map(({ traceparent }) => traceparent.slice(3, 35)),
  ).toEqual([own]);
});
