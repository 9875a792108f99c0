import { AttuneError, codeOf, errorTable } from '@attune/kernel/errors';
import type { FastifyInstance, FastifyReply } from 'fastify';

/** Answers a fault over HTTP: the status of the table and `{code, reason, message, fix}`. What is not in the table says nothing of itself. */
export function answerError(reply: FastifyReply, fault: unknown): FastifyReply {
  const reason = codeOf(fault);
  const { http, grpc, what, fix } = errorTable[reason];
  const detail = fault instanceof AttuneError && fault.detail !== '' ? ` ${fault.detail}` : '';
  return reply.code(http).send({ code: grpc, reason, message: `${what}${detail}`, fix });
}

/** Gives every route of the app raw bodies and the one way of answering faults. */
export function speakPlainly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setNotFoundHandler((_request, reply) => answerError(reply, new AttuneError('METHOD_UNKNOWN')));
  app.setErrorHandler((fault, request, reply) => {
    const status = (fault as { statusCode?: number }).statusCode;
    if (status === 413) return answerError(reply, new AttuneError('BATCH_TOO_LARGE'));
    if (status !== undefined && status < 500) return answerError(reply, new AttuneError('REQUEST_INVALID'));
    request.log.error({ code: codeOf(fault), fault: fault instanceof Error ? fault.stack : undefined });
    return answerError(reply, fault);
  });
}
