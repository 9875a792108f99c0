import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The web origins whose pages may read what the door answers, such as `https://shop.example`; `*` stands for all. */
export type WebOrigins = readonly string[];

const PREFLIGHT_KEPT_S = 86_400;

/**
 * What lets a page of another origin speak to a path: the hook that marks its answers. Never with cookies, so that `*` gives nothing away:
 * the write key, which every page of the shop shows, is the only credential here. Answers to OPTIONS are put onto the app.
 */
export function corsOn(app: FastifyInstance, paths: readonly string[], origins: WebOrigins) {
  const onRequest = async ({ headers: { origin } }: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const allowed = origins.includes('*') ? '*' : origins.find((one) => one === origin);
    if (!origins.includes('*')) reply.header('vary', 'Origin');
    if (origin !== undefined && allowed !== undefined) reply.header('access-control-allow-origin', allowed);
  };
  const preflight = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (reply.hasHeader('access-control-allow-origin'))
      reply.headers({
        'access-control-allow-methods': 'POST',
        'access-control-allow-headers': 'authorization, content-type, content-encoding, traceparent, tracestate',
        'access-control-max-age': String(PREFLIGHT_KEPT_S),
      });
    return reply.code(204).send();
  };
  for (const path of paths) app.options(path, { onRequest }, preflight);
  return { onRequest };
}
