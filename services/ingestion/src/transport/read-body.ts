import { gunzipSync } from 'node:zlib';
import { AttuneError, type ErrorCode } from '@attune/kernel/errors';
import type { FastifyRequest } from 'fastify';

/** How large a body may be once it is inflated, in bytes, and the code of one that is larger. */
export interface BodyBound {
  readonly bytesMax: number;
  readonly tooLarge: ErrorCode;
}

const GZIP_MAGIC = [0x1f, 0x8b] as const;

/** JSON whatever the content type says, since clients send form and text types with a JSON body; gzip by its header or its first bytes. @throws AttuneError BODY_UNREADABLE, or that of the bound */
export function readJson(request: FastifyRequest, bound: BodyBound): unknown {
  if (!Buffer.isBuffer(request.body)) throw new AttuneError('BODY_UNREADABLE');
  if (request.body.length > bound.bytesMax) throw new AttuneError(bound.tooLarge);
  const zipped = request.headers['content-encoding'] === 'gzip' || GZIP_MAGIC.every((byte, i) => byte === (request.body as Buffer)[i]);
  const bytes = zipped ? inflated(request.body, bound) : request.body;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (fault) {
    throw new AttuneError('BODY_UNREADABLE', '', fault);
  }
}

/** Never makes more than the bound allows of it, however small it came. */
function inflated(bytes: Buffer, { bytesMax, tooLarge }: BodyBound): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (fault) {
    throw new AttuneError((fault as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge : 'BODY_UNREADABLE', '', fault);
  }
}
