import { answerError } from '@attune/grpc/http-errors';
import { codeOf, errorTable } from '@attune/kernel/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A route that answers what the sender did wrong without a word in the log, where the sender's own words would land; other faults go on to the app. */
export const answeringExpected =
  (handle: (request: FastifyRequest) => Promise<unknown>) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    try {
      return await handle(request);
    } catch (fault) {
      if (errorTable[codeOf(fault)].level !== 'info') throw fault;
      return answerError(reply, fault);
    }
  };
