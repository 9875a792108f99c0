import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { FollowClick } from '../flows/follow-click.ts';
import { UNSUBSCRIBE_HEADERS, unsubscribePage } from './unsubscribe-page.ts';

/** What is behind counted links. */
export interface ClickDoor {
  readonly follow: FollowClick;
  /** The shop, for the page of a link that is none. */
  readonly shop: () => { readonly name: string; readonly languages: readonly string[] };
}

const PATH = '/c/';
const HEADERS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex, nofollow' } as const;

/** The address of a token on a public address without a slash at its end. */
export const clickUrlOf = (publicUrl: string, token: string): string => `${publicUrl}${PATH}${token}`;

/** `GET` and `HEAD` of a link answer 302 to what the mail named; a `GET` that may be a customer's counts. A token that was not made here leads nowhere: 404. */
export function clickRoutes(app: FastifyInstance, { follow, shop }: ClickDoor): void {
  app.get(`${PATH}*`, async (request, reply) => {
    const target = await follow((request.params as { readonly '*': string })['*'], mayBeCustomer(request));
    if (target !== undefined) return reply.code(302).headers(HEADERS).header('location', new URL(target).href).send();
    const { name, languages } = shop();
    return reply
      .code(404)
      .headers(UNSUBSCRIBE_HEADERS)
      .send(unsubscribePage('unknown', { shop: name, language: languages[0] ?? '', tell: '' }));
  });
}

const AHEAD = ['purpose', 'sec-purpose', 'x-purpose', 'x-moz'] as const;

/** Not one who only asks whether the link is there, who loads it ahead, or who says that he is a machine. A scanner that says nothing of it looks like a customer. */
function mayBeCustomer({ method, headers }: FastifyRequest): boolean {
  if (method !== 'GET') return false;
  if (AHEAD.some((name) => /prefetch|preview|prerender/i.test(String(headers[name] ?? '')))) return false;
  return !/bot\b|crawler|spider|preview|scanner|facebookexternalhit/i.test(headers['user-agent'] ?? '');
}
