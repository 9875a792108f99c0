import { AttuneError, errorTable } from '@attune/kernel/errors';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type CallType, EVENT_BYTES_MAX } from '../domain/admit-event.ts';
import type { PublishAnswer, PublishEvents, PublishRequest } from '../flows/publish-events.ts';
import { BATCH_BYTES_MAX, sizesOf } from './batch-bounds.ts';
import { corsOn, type WebOrigins } from './cors.ts';
import { type BodyBound, readJson } from './read-body.ts';
import { type Watching, watched } from './watched-call.ts';
import { type TenantOfKey, tenantOf } from './write-key.ts';

/** Each kind by its name and, as Segment's browser library sends it, by its first letter. */
const CALLS: readonly (readonly [path: string, type: CallType])[] = (['track', 'identify', 'page', 'screen', 'group', 'alias'] as const).flatMap((type) => [
  [`/v1/${type}`, type],
  [`/v1/${type[0]}`, type],
]);
const BATCH_PATHS: readonly string[] = ['/v1/batch', '/v1/b'];
const ONE: BodyBound = { bytesMax: EVENT_BYTES_MAX, tooLarge: 'EVENT_TOO_LARGE' };
const BATCH: BodyBound = { bytesMax: BATCH_BYTES_MAX, tooLarge: 'BATCH_TOO_LARGE' };

/** What the door over HTTP stands on. */
export interface DoorOptions extends Watching {
  readonly tenantOfKey: TenantOfKey;
  readonly webOrigins: WebOrigins;
}

/** The door over HTTP, as Segment's clients expect it: one event to `POST /v1/{track,identify,…}` or `/v1/{t,i,…}`, many to `POST /v1/batch` or `/v1/b`. A batch is answered `{"success":true}` whatever was refused of it; with `?verdicts=1`, event by event. */
export function ingestionRoutes(app: FastifyInstance, publish: PublishEvents, options: DoorOptions): void {
  const { tenantOfKey, webOrigins } = options;
  const cors = corsOn(app, [...CALLS.map(([path]) => path), ...BATCH_PATHS], webOrigins);
  for (const [path, type] of CALLS) {
    const one = async (request: FastifyRequest) => {
      const { tenant, json } = opened(request, ONE, tenantOfKey);
      const [verdict] = await publish(tenant, [{ body: json, type }]);
      if (verdict?.kind === 'accepted') return told(verdict);
      throw new AttuneError(verdict?.code ?? 'INTERNAL', verdict?.field ? `Field: ${verdict.field}.` : '');
    };
    app.post(path, cors, watched(options, type, one));
  }
  const many = async (request: FastifyRequest) => {
    const { tenant, json } = opened(request, BATCH, tenantOfKey);
    const verdicts = await publish(tenant, eventsOf(json));
    return wantsVerdicts(request) ? { success: true, verdicts: verdicts.map(told) } : { success: true };
  };
  for (const path of BATCH_PATHS) app.post(path, cors, watched(options, 'batch', many));
}

const wantsVerdicts = ({ query }: FastifyRequest): boolean => (query as Readonly<Record<string, unknown>>)['verdicts'] === '1';

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
  const sizes = sizesOf(batch);
  const { sentAt } = json as { readonly sentAt?: unknown };
  return batch.map((event: unknown, i) => ({ body: sentAt === undefined ? event : dated(event, sentAt), bytes: sizes[i] ?? 0 }));
}

const dated = (event: unknown, sentAt: unknown): unknown =>
  typeof event === 'object' && event !== null && !Array.isArray(event) && !('sentAt' in event) ? { ...event, sentAt } : event;

function told(verdict: PublishAnswer) {
  if (verdict.kind === 'accepted') return { success: true, messageId: verdict.messageId, position: verdict.position };
  const { what: message, fix } = errorTable[verdict.code];
  return { success: false, reason: verdict.code, field: verdict.field, message, fix };
}
