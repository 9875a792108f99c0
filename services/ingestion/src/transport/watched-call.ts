import { codeOf } from '@attune/kernel/errors';
import type { Telemetry } from '@attune/runtime/telemetry/port';
import type { Stopwatch } from '@attune/runtime/world';
import type { FastifyRequest } from 'fastify';

/** Where tracking calls are measured and traced. */
export interface Watching {
  readonly telemetry: Telemetry;
  readonly stopwatch: Stopwatch;
}

/** The handler of a tracking call, measured, and traced on from the request's `traceparent`. A fault goes on as it is. */
export function watched<T>({ telemetry, stopwatch }: Watching, call: string, handle: (request: FastifyRequest) => Promise<T>) {
  return async (request: FastifyRequest): Promise<T> => {
    const startedMs = stopwatch.elapsedMs();
    const measure = (code: string): void => telemetry.measure('attune_door_request_seconds', { call, code }, (stopwatch.elapsedMs() - startedMs) / 1e3);
    const { traceparent } = request.headers;
    const of = { root: true, attributes: { 'attune.method': call }, ...(typeof traceparent === 'string' && { parent: traceparent }) };
    try {
      const answer = await telemetry.within('door publish', of, () => handle(request));
      measure('OK');
      return answer;
    } catch (fault) {
      measure(codeOf(fault));
      throw fault;
    }
  };
}
