import type { Configuration } from '@attune/configuration/configuration';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Unsubscribe } from '../flows/unsubscribe.ts';
import type { LinkSigner } from '../ports.ts';
import { UNSUBSCRIBE_HEADERS, type UnsubscribeAbout, type UnsubscribeState, unsubscribePage } from './unsubscribe-page.ts';

/** What is behind the links. */
export interface UnsubscribeDoor {
  readonly links: LinkSigner;
  readonly unsubscribe: Unsubscribe;
  readonly configuration: () => Pick<Configuration, 'shop' | 'purposes'>;
}

const PATH = '/unsubscribe/';
const BODY_BYTES_MAX = 16 * 1024;
const STATUS: Readonly<Record<UnsubscribeState, number>> = { ask: 200, done: 200, away: 503, unknown: 404 };

/** The address of a token on a public address without a slash at its end. */
export const unsubscribeUrlOf = (publicUrl: string, token: string): string => `${publicUrl}${PATH}${token}`;

/**
 * `GET` and `HEAD` of a link show a page and change nothing, since mail scanners open every link; `POST` acts without cookie or write key,
 * where its form says `List-Unsubscribe=One-Click` (RFC 8058). Without these words it is answered 400 and the page, and changes nothing.
 */
export function unsubscribeRoutes(app: FastifyInstance, { links, unsubscribe, configuration }: UnsubscribeDoor): void {
  const answer = (reply: FastifyReply, state: UnsubscribeState, token: string, status = STATUS[state]): FastifyReply => {
    const { shop, purposes } = configuration();
    const { language = shop.languages[0] ?? '', purpose = '' } = links.read(token) ?? {};
    const tell = Object.hasOwn(purposes, purpose) ? (purposes[purpose]?.tell[language] ?? '') : '';
    const about: UnsubscribeAbout = { shop: shop.name, language, tell };
    return reply.code(status).headers(UNSUBSCRIBE_HEADERS).send(unsubscribePage(state, about));
  };
  app.get(`${PATH}*`, (request, reply) => {
    const token = tokenIn(request);
    return answer(reply, links.read(token) === undefined ? 'unknown' : 'ask', token);
  });
  app.post(`${PATH}*`, { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const token = tokenIn(request);
    if (links.read(token) !== undefined && !(await saysOneClick(request))) return answer(reply, 'ask', token, 400);
    const became = await unsubscribe(token);
    if (became.kind === 'done') return answer(reply, 'done', token);
    return answer(reply, became.reason === 'AWAY' ? 'away' : 'unknown', token);
  });
}

const tokenIn = ({ params }: FastifyRequest): string => (params as { readonly '*': string })['*'];

/** Mail programs send it urlencoded or as multipart (RFC 8058, 3.2); what is neither, or broken, does not say it. */
async function saysOneClick({ body, headers }: FastifyRequest): Promise<boolean> {
  if (!(body instanceof Uint8Array)) return false;
  const form = new Response(new Uint8Array(body), { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
  return form.then(
    (said) => said.get('List-Unsubscribe') === 'One-Click',
    () => false,
  );
}
