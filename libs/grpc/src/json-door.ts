import { silent, type Telemetry } from '@attune/runtime/telemetry/port';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Rpc } from './rpc.ts';
import { served } from './rpc-telemetry.ts';

/** Serves calls as `POST /<package>.<Service>/<Method>` with JSON (protobuf's mapping; snake_case accepted). `tenantOf` may throw what the caller shall be answered; a call with a check of its own is held to that. */
export function jsonDoor(app: FastifyInstance, rpcs: readonly Rpc[], tenantOf: (request: FastifyRequest) => string, telemetry: Telemetry = silent): void {
  for (const rpc of rpcs) {
    app.post(rpc.path, async (request) => {
      const { traceparent, authorization } = request.headers;
      const came = { door: 'json', parent: typeof traceparent === 'string' ? traceparent : undefined } as const;
      return served(telemetry, rpc, came, async () => rpc.answerJson(rpc.tenantOf ? rpc.tenantOf(authorization) : tenantOf(request), request.body));
    });
  }
}
