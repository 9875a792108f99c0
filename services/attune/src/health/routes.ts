import type { FastifyInstance } from 'fastify';
import type { Pipeline } from '../pipeline.ts';
import type { HealthWatch } from './health-watch.ts';

/** `/healthz`: the process answers. `/readyz`: it does its work, else which check says no and since when. `/livez`: what it has to work on moves, else a restart helps. */
export function healthRoutes(app: FastifyInstance, watch: HealthWatch, pipeline: Pipeline): void {
  app.get('/healthz', async () => ({ status: 'alive' }));
  app.get('/readyz', async (_request, reply) => {
    if (watch.health.status !== 'ready') await watch.look(); // what was just mended counts at once
    const { status, checks, lag, ended } = watch.health;
    const told = checks.map(({ sinceMs, ...check }) => ({ ...check, since: timeOf(sinceMs) }));
    return reply.code(status === 'ready' ? 200 : 503).send({ status, lag, checks: told, stopped: pipeline.stopped(), ended });
  });
  app.get('/livez', async (_request, reply) => {
    const { stuck, ended } = watch.health;
    const alive = stuck.length === 0 && ended.length === 0;
    const told = stuck.map(({ sinceMs, ...where }) => ({ ...where, since: timeOf(sinceMs) }));
    return reply.code(alive ? 200 : 503).send({ status: alive ? 'alive' : 'stuck', stuck: told, ended });
  });
}

const timeOf = (ms: number): string => new Date(ms).toISOString();
