import type { ProcessTelemetry } from '@attune/runtime/telemetry/open-telemetry';
import type { FastifyInstance } from 'fastify';

/** `GET /metrics`: what the process counts and measures, in Prometheus' text format. */
export function metricsRoute(app: FastifyInstance, telemetry: Pick<ProcessTelemetry, 'text'>): void {
  app.get('/metrics', async (_request, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(await telemetry.text()));
}
