import { AttuneError, codeOf, errorTable } from '@attune/kernel/errors';
import type { Telemetry } from '@attune/runtime/telemetry/port';
import type { Stopwatch } from '@attune/runtime/world';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type CallType, EVENT_BYTES_MAX } from '../domain/admit-event.ts';
import type { PublishAnswer, PublishEvents, PublishRequest } from '../flows/publish-events.ts';
import { type BodyBound, readJson } from './read-body.ts';
import { type TenantOfKey, tenantOf } from './write-key.ts';

const CALLS: readonly CallType[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const BATCH_PATHS: readonly string[] = ['/v1/batch', '/v1/b'];
const BATCH_EVENTS_MAX = 2_500;
const ONE: BodyBound = { bytesMax: EVENT_BYTES_MAX, tooLarge: 'EVENT_TOO_LARGE' };
const BATCH: BodyBound = { bytesMax: 500 * 1024, tooLarge: 'BATCH_TOO_LARGE' };

/** What the door works with. */
export interface DoorPorts {
  readonly publish: PublishEvents;
  readonly tenantOfKey: TenantOfKey;
  readonly telemetry: Telemetry;
  readonly stopwatch: Stopwatch;
}

/** The door over HTTP, as Segment's clients expect it: one event to `POST /v1/{track,identify,…}`, many to `POST /v1/batch` or `/v1/b`. */
export function ingestionRoutes(app: FastifyInstance, ports: DoorPorts): void {
  const { publish, tenantOfKey } = ports;
  for (const type of CALLS) {
    const one = async (request: FastifyRequest) => {
      const { tenant, json } = opened(request, ONE, tenantOfKey);
      const [verdict] = await publish(tenant, [{ body: json, type }]);
      if (verdict?.kind === 'accepted') return told(verdict);
      throw new AttuneError(verdict?.code ?? 'INTERNAL', verdict?.field ? `Field: ${verdict.field}.` : '');
    };
    app.post(`/v1/${type}`, watched(ports, type, one));
  }
  const many = async (request: FastifyRequest) => {
    const { tenant, json } = opened(request, BATCH, tenantOfKey);
    const verdicts = await publish(tenant, eventsOf(json));
    return { success: true, verdicts: verdicts.map(told) };
  };
  for (const path of BATCH_PATHS) app.post(path, watched(ports, 'batch', many));
}

/** The handler, measured and traced. */
function watched<T>(
  { telemetry, stopwatch }: DoorPorts,
  call: string,
  handle: (request: FastifyRequest) => Promise<T>,
): (request: FastifyRequest) => Promise<T> {
  return async (request) => {
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

/** A wrong key in the header is answered before anything of the body is read. */
function opened(request: FastifyRequest, bound: BodyBound, tenantOfKey: TenantOfKey) {
  if (request.headers.authorization !== undefined) return { tenant: tenantOf(request, tenantOfKey), json: readJson(request, bound) };
  const json = readJson(request, bound);
  return { tenant: tenantOf(request, tenantOfKey, json), json };
}

/** The events of a batch; its `sentAt` holds for each that has none. @throws AttuneError BATCH_MALFORMED, BATCH_TOO_LARGE */
function eventsOf(json: unknown): readonly PublishRequest[] {
  const batch = typeof json === 'object' && json !== null && 'batch' in json ? json.batch : undefined;
  if (!Array.isArray(batch)) throw new AttuneError('BATCH_MALFORMED');
  if (batch.length > BATCH_EVENTS_MAX) throw new AttuneError('BATCH_TOO_LARGE');
  const { sentAt } = json as { readonly sentAt?: unknown };
  return batch.map((event: unknown) => ({ body: sentAt === undefined ? event : dated(event, sentAt), bytes: bytesOf(event) }));
}

const dated = (event: unknown, sentAt: unknown): unknown =>
  typeof event === 'object' && event !== null && !Array.isArray(event) && !('sentAt' in event) ? { ...event, sentAt } : event;

/** 0 for a nest too deep to be written; the door has a word of its own for that. */
function bytesOf(event: unknown): number {
  try {
    return Buffer.byteLength(JSON.stringify(event));
  } catch {
    return 0;
  }
}

function told(verdict: PublishAnswer) {
  if (verdict.kind === 'accepted') return { success: true, messageId: verdict.messageId, position: verdict.position };
  const { what: message, fix } = errorTable[verdict.code];
  return { success: false, reason: verdict.code, field: verdict.field, message, fix };
}
