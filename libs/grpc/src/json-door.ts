import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Rpc } from './rpc.ts';

/** Serves calls as `POST /<package>.<Service>/<Method>` with JSON (protobuf's mapping; snake_case accepted). `tenantOf` may throw what the caller shall be answered; a call with a check of its own is held to that. */
export function jsonDoor(app: FastifyInstance, rpcs: readonly Rpc[], tenantOf: (request: FastifyRequest) => string): void {
  for (const rpc of rpcs)
    app.post(rpc.path, async (request) => rpc.answerJson(rpc.tenantOf ? rpc.tenantOf(request.headers.authorization) : tenantOf(request), request.body));
}
