import { logFault } from '@attune/grpc/fault-answer';
import { AttuneError } from '@attune/kernel/errors';
import { keptSpans } from '@attune/runtime/telemetry/kept-spans.fixture';
import { noTraces } from '@attune/runtime/telemetry/port';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { lastLine, logLine } from './log-line.ts';
import { logOptions } from './log-options.ts';

function logOf(traces: Parameters<typeof logOptions>[0]['traces'] = noTraces) {
  const lines: Record<string, unknown>[] = [];
  const log = pino(logOptions({ level: 'debug', service: 'attune-scoring', traces }), { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

const whole = { level: expect.stringMatching(/^(debug|info|warn|error|fatal)$/), time: expect.stringMatching(/^\d{4}-.*Z$/), service: 'attune-scoring' };

test('a line has level, time, service and message', () => {
  const { log, lines } = logOf();
  log.info('it listens');
  log.warn({ code: 'LOG_UNAVAILABLE' }, 'The log is away.');
  expect(lines).toEqual([
    { ...whole, level: 'info', message: 'it listens' },
    { ...whole, level: 'warn', code: 'LOG_UNAVAILABLE', message: 'The log is away.' },
  ]);
  expect(JSON.parse(logLine('attune-scoring', 'info', 'listening'))).toEqual({ ...whole, message: 'listening' });
});

test('a fault has its code and its place, and not its words, however it is logged', () => {
  const { log, lines } = logOf();
  const fault = new Error('ada@example.com\n    of many lines');
  const request = { req: { url: '/v1/track?ada', method: 'POST' } };
  log.error(fault);
  log.error({ err: fault });
  log.error({ err: fault, ...request }, 'it broke');
  log.info({ ...request, res: { ada: 1 } }, 'it came');
  logFault(log, fault);
  logFault(log, new AttuneError('STORE_UNAVAILABLE', '', fault));
  lines.push(JSON.parse(lastLine('attune-scoring', fault)));
  expect(JSON.stringify(lines)).not.toContain('ada');
  for (const line of lines) expect(line).toMatchObject({ ...whole, message: expect.stringMatching(/../) });
  const broken = { code: 'INTERNAL', at: expect.arrayContaining([expect.stringContaining('log-options.test.ts')]) };
  expect(lines.filter(({ at }) => at !== undefined)).toEqual([broken, broken, broken, broken, broken].map((one) => expect.objectContaining(one)));
  expect(lines).toContainEqual(expect.objectContaining({ level: 'warn', code: 'STORE_UNAVAILABLE' }));
});

test('a line within a span names its trace, and so does a fault that is logged once its span has ended', async () => {
  const { traces, spans } = keptSpans();
  const { log, lines } = logOf(traces);
  const work = traces.within('rpc serve', { root: true }, async () => {
    log.info('within');
    throw new AttuneError('STORE_UNAVAILABLE');
  });
  await work.catch((fault: unknown) => logFault(log, fault));
  log.info('after');
  const ids = { trace_id: spans()[0]?.traceparent.slice(3, 35), span_id: spans()[0]?.traceparent.slice(36, 52) };
  expect(lines).toMatchObject([ids, { code: 'STORE_UNAVAILABLE', ...ids }, { message: 'after' }]);
  expect(lines[2]).not.toHaveProperty('trace_id');
});
