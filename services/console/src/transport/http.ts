import { AttuneError } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import { findCustomers } from '../domain/find-customers.ts';
import { named, profileOf, type ReadModel } from '../domain/read-model.ts';
import type { ForgetErased } from '../flows/forget-erased.ts';
import type { ConsoleStatus } from '../ports.ts';

const FOUND_MAX = 20;

export interface ConsoleDoors {
  readonly status: () => Promise<ConsoleStatus>;
  readonly forgetErased: ForgetErased;
}

/** The doors of the page that answer once: status, search and one timeline (newest first). */
export function consoleRoutes(app: FastifyInstance, model: ReadModel, { status, forgetErased }: ConsoleDoors): void {
  app.get('/console/api/status', () => status());
  app.get<{ Querystring: { query?: string } }>('/console/api/customers', async ({ query }) => {
    const wanted = String(query.query ?? '');
    await forgetErased(findCustomers(model, wanted, FOUND_MAX).map(({ profileId }) => profileId));
    return { customers: findCustomers(model, wanted, FOUND_MAX) };
  });
  app.get<{ Params: { profileId: string } }>('/console/api/customers/:profileId', async ({ params }) => {
    const profileId = profileOf(model, params.profileId);
    await forgetErased([profileId]);
    const profile = model.profiles.get(profileId);
    if (profile === undefined) throw new AttuneError('SUBJECT_UNKNOWN');
    const { customer, events, newestMs, timeline } = profile;
    return { profileId, customer, events, newestMs, timeline: timeline.map((entry) => named(model, entry)).toReversed() };
  });
}
