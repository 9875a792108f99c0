import { expect, test } from 'vitest';
import { type Metric, metrics } from './metrics.ts';
import { joined } from './open-telemetry.ts';
import { undeclaredIn } from './prometheus-text.fixture.ts';

test('what is counted, measured and watched stands in the text, by its labels', async () => {
  const telemetry = joined(['welcome_back']);
  telemetry.count('attune_scoring_decisions_total', { campaign: 'welcome_back', outcome: 'offer' });
  telemetry.count('attune_scoring_decisions_total', { campaign: 'welcome_back', outcome: 'offer' }, 2);
  telemetry.measure('attune_processor_commit_seconds', { processor: 'p' }, 0.02);
  telemetry.watch('attune_processor_lag_records', () => [{ labels: { processor: 'p', partition: '0' }, value: 7 }]);
  const text = await telemetry.text();
  expect(text).toContain('# TYPE attune_scoring_decisions_total counter');
  expect(text).toContain('attune_scoring_decisions_total{campaign="welcome_back",outcome="offer"} 3\n');
  expect(text).toContain('attune_processor_commit_seconds_bucket{processor="p",le="0.025"} 1\n');
  expect(text).toContain('attune_processor_lag_records{processor="p",partition="0"} 7\n');
  expect(undeclaredIn(text)).toEqual([]);
  await telemetry.close();
});

test('a value that is on no list is told as other, whatever a sender made of it', async () => {
  const telemetry = joined(['welcome_back']);
  telemetry.count('attune_scoring_decisions_total', { campaign: 'ada@example.com', outcome: 'ada' });
  telemetry.measure('attune_rpc_seconds', { door: 'json', method: 'ada@example.com "}', code: 'OK' }, 1);
  const text = await telemetry.text();
  expect(text).toContain('attune_scoring_decisions_total{campaign="other",outcome="other"} 1\n');
  expect(text).not.toContain('ada');
  await telemetry.close();
});

test('a gauge is read until its watch ends, and one that cannot be read takes no other with it', async () => {
  const telemetry = joined([]);
  const read = [{ labels: { processor: 'p', partition: '0' }, value: 1 }] as const;
  const end = telemetry.watch('attune_processor_stopped', () => read);
  telemetry.watch('attune_processor_lag_records', async () => {
    throw new Error('the log is away');
  });
  expect(await telemetry.text()).toContain('attune_processor_stopped{processor="p",partition="0"} 1\n');
  end();
  expect(await telemetry.text()).not.toContain('attune_processor_stopped{');
  await telemetry.close();
});

test('each name says its unit as Prometheus wants it, and each label is declared', () => {
  for (const [name, { kind, unit }] of Object.entries<Metric>(metrics)) {
    expect({ name, total: name.endsWith('_total') }).toEqual({ name, total: kind === 'counter' });
    expect({ name, seconds: name.endsWith('_seconds') }).toEqual({ name, seconds: unit === 's' });
  }
});

test('an undeclared metric, label and value are seen', () => {
  expect(undeclaredIn('attune_new_total 1\nattune_keys_held{who="ada"} 1\nattune_keys_held{key="ada"} 1\n')).toEqual([
    'attune_new_total',
    'attune_keys_held{who=ada}',
    'attune_keys_held{key=ada}',
  ]);
});
