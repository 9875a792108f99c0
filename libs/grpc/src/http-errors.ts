import { AttuneError, errorTable } from '@attune/kernel/errors';
import { type FastifyInstance, type FastifyReply, type FastifyServerOptions, LogController } from 'fastify';
import { answerOf, logFault } from './fault-answer.ts';
import { knownRoutes } from './known-routes.ts';

/** Answers a fault over HTTP: the status of the table and `{code, reason, message, fix}`. What is not in the table says nothing of itself. */
export function answerError(reply: FastifyReply, fault: unknown): FastifyReply {
  const answer = answerOf(fault);
  return reply.code(errorTable[answer.reason].http).send(answer);
}

/** What every app is made with: no line a request, since its path and query are the sender's words; a path that cannot be read is answered like an unknown one. */
export const plainOptions = {
  logController: new LogController({ disableRequestLogging: true }),
  frameworkErrors: (_fault, _request, reply) => void answerError(reply, new AttuneError('METHOD_UNKNOWN')),
} satisfies FastifyServerOptions;

/** Gives every route that the app gets after it raw bodies and the one way of answering faults; who asks for what is not there hears what is. What a sender does wrong leaves no word in the log; what breaks inside leaves its code, and where it broke, without the words of the fault. */
export function speakPlainly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  const known = knownRoutes(app);
  app.setNotFoundHandler(({ method, url }, reply) => answerError(reply, new AttuneError('METHOD_UNKNOWN', known(method, url))));
  app.setErrorHandler((fault, request, reply) => {
    const told = asAnswered(fault);
    logFault(request.log, told);
    return answerError(reply, told);
  });
}

/** Faults of the framework in words of the table. */
function asAnswered(fault: unknown): unknown {
  const status = (fault as { readonly statusCode?: unknown } | undefined)?.statusCode;
  if (status === 413) return new AttuneError('BATCH_TOO_LARGE');
  return typeof status === 'number' && status < 500 ? new AttuneError('REQUEST_INVALID') : fault;
}
