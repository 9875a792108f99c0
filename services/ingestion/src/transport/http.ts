import { answerError } from '@attune/grpc/http-errors';
import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { CallType } from '../domain/admit-event.ts';
import type { PublishEvent } from '../flows/publish-event.ts';

const CALLS: readonly CallType[] = ['track', 'identify', 'page', 'screen', 'group', 'alias'];
const EVENT_BYTES_MAX = 32 * 1024;

/** The door over HTTP, as Segment's clients expect it: `POST /v1/{track,identify,…}` with the write key as user name of Basic authentication. */
export function ingestionRoutes(app: FastifyInstance, publish: PublishEvent, tenantOfKey: (writeKey: string) => string | undefined): void {
  for (const type of CALLS) {
    app.post(`/v1/${type}`, async (request, reply) => {
      const tenant = tenantOfKey(writeKeyOf(request));
      if (tenant === undefined) return answerError(reply, new AttuneError('WRITE_KEY_UNKNOWN'));
      const body = bodyOf(request);
      if (body instanceof AttuneError) return answerError(reply, body);
      return answer(reply, await publish({ tenant, body: body.json, type }));
    });
  }
}

function answer(reply: FastifyReply, verdict: Awaited<ReturnType<PublishEvent>>): unknown {
  if (verdict.kind === 'rejected') return answerError(reply, new AttuneError(verdict.code, verdict.field === '' ? '' : `Field: ${verdict.field}.`));
  return { success: true, messageId: verdict.messageId, position: verdict.position };
}

function writeKeyOf(request: FastifyRequest): string {
  const [scheme, credential = ''] = (request.headers.authorization ?? '').split(' ');
  if (scheme?.toLowerCase() !== 'basic') return '';
  return Buffer.from(credential, 'base64').toString('utf8').split(':')[0] ?? '';
}

/** Reads JSON whatever the content type says: clients send form and text types with a JSON body. */
function bodyOf(request: FastifyRequest): { readonly json: unknown } | AttuneError {
  const bytes = request.body;
  if (!Buffer.isBuffer(bytes)) return new AttuneError('BODY_UNREADABLE');
  if (bytes.length > EVENT_BYTES_MAX) return new AttuneError('EVENT_TOO_LARGE');
  try {
    return { json: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch (fault) {
    return new AttuneError('BODY_UNREADABLE', '', fault);
  }
}
