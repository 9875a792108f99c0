import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, ended, featureOf, newFolder, type ProfileAnswer, post, type Running, started, withProcesses } from './attune-process.fixture.ts';
import { EXAMPLE } from './read-configuration.ts';

vi.setConfig(withProcesses);

afterEach(cleanUp);

const ADDRESS = 'ada@example.com';

/** The example shop, with a campaign for baskets that were left behind. */
function shopWithBaskets(): string {
  const folder = newFolder();
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  const added: readonly (readonly [string, string])[] = [
    ['  email: { type: email, personal: true, purposes: [service, marketing] }', '  email: { type: email, personal: true, purposes: [service, personalise] }'],
    [
      '  Product Viewed: { role: view, item: product_id }',
      '  Product Viewed: { role: view, item: product_id }\n  Product Added: { role: view, item: product_id }',
    ],
    ['features: ', 'features:\n  views: { count: Product Viewed, window: 7d }\n  carts: { count: Product Added, window: 7d }\n  # '],
    ['segments: ', 'segments:\n  viewed_not_bought: views >= 2 && carts >= 1 && orders == 0\n  # '],
    ['offers:\n', `offers:\n  basket: { who: '"viewed_not_bought" in segments', message: favourites, value: 8.00, prior: { accepted: 6, sent: 40 } }\n`],
    [
      'campaigns:\n',
      `campaigns:
  basket_left:
    purpose: personalise
    start: { when: enters, segment: [viewed_not_bought] }
    offers: [basket]
    choose: { by: propensity * value - cost }
    channels: [email]
    goal: { event: Order Completed, within: 14d }
    expires: 3d
`,
    ],
    ['\n  quiet_hours: ', '\n  # '],
  ];
  const document = added.reduce((text, [from, to]) => text.replace(from, to), readFileSync(file, 'utf8'));
  writeFileSync(file, document);
  return file;
}

async function ask<T>({ address }: Running, path: string, body: object): Promise<T> {
  const answer = await post(address, path, JSON.stringify(body));
  return (await answer.json()) as T;
}

/** Asks until the answer is the one awaited; the test's own time limit ends it. */
async function eventually<T>(look: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await look();
    if (holds(answer)) return answer;
  }
}

type Profile = ProfileAnswer & { readonly segments?: readonly string[]; readonly mergedProfileIds?: readonly string[]; readonly traits?: unknown };

test('a visitor looks and fills a basket, becomes known, gets the mail for it, and orders; all of it in one profile', { timeout: 120_000 }, async () => {
  const [folder, more] = [newFolder(), { ATTUNE_CONFIG: shopWithBaskets() }];
  let attune = await started(folder, more);
  const profileOf = (subject: object, purpose = 'personalise') =>
    ask<Profile>(attune, '/attune.features.v1.FeatureStoreService/GetProfile', { subject, purpose });
  const track = (who: object, event: string, properties: object = { product_id: 'p1' }) => ask(attune, '/v1/track', { ...who, event, properties });
  const [visitor, ada] = [{ anonymousId: 'v-1' }, { userId: 'ada' }];

  await track(visitor, 'Product Viewed');
  await track(visitor, 'Product Viewed');
  await track(visitor, 'Product Added');
  const before = await eventually(
    () => profileOf(visitor),
    ({ events }) => events === '3',
  );
  expect(before.segments).toEqual(['viewed_not_bought']);
  expect(await profileOf(ada)).toMatchObject({ reason: 'SUBJECT_UNKNOWN' });

  await ask(attune, '/v1/identify', { ...ada, ...visitor, traits: { email: ADDRESS, language: 'en' } });
  const known = await eventually(
    () => profileOf(ada),
    ({ events }) => events === '4',
  );
  expect(known.segments).toEqual(['viewed_not_bought']);
  expect([featureOf(known, 'views'), featureOf(known, 'carts')]).toEqual([2, 1]);
  expect(known.mergedProfileIds).toEqual([before.profileId]);
  for (const subject of [visitor, { profileId: before.profileId }]) expect(await profileOf(subject)).toMatchObject({ profileId: known.profileId, events: '4' });

  const page = async (profileId = '') =>
    (await (await fetch(`${attune.address}/console/api/customers/${profileId}`)).json()) as { readonly profileId?: string };
  const shown = await eventually(
    () => page(before.profileId),
    ({ profileId }) => profileId === known.profileId,
  );
  expect(shown).toMatchObject({ customer: 'ada', events: 4 });

  type Mails = { readonly mails?: readonly { readonly to: string; readonly campaign: string; readonly profileId: string; readonly decisionId: string }[] };
  const { mails = [] } = await eventually(
    () => ask<Mails>(attune, '/attune.notification.v1.OutboxService/ListMails', {}),
    ({ mails: sent = [] }) => sent.some(({ profileId }) => profileId === known.profileId),
  );
  const mail = mails.find(({ profileId }) => profileId === known.profileId);
  expect(mail).toMatchObject({ to: ADDRESS, campaign: 'basket_left' });
  const explained = () => ask(attune, '/attune.scoring.v1.ScoringService/ExplainDecision', { decisionId: mail?.decisionId });
  expect(await explained()).toMatchObject({ identical: true });

  await ended(attune, 'SIGKILL');
  attune = await started(folder, more);
  await track(visitor, 'Product Viewed');
  await track({ ...ada, ...visitor }, 'Order Completed', { order_id: 'A1', total: 24.5, products: [] });
  const bought = await eventually(
    () => profileOf(ada),
    ({ events }) => events === '6',
  );
  expect(bought.segments).toEqual(['first_timer']);
  expect([featureOf(bought, 'views'), featureOf(bought, 'orders')]).toEqual([3, 1]);
  expect(await explained()).toMatchObject({ identical: true });
  type Results = { readonly campaigns: readonly { readonly campaign: string; readonly treatedReached?: string }[] };
  await eventually(
    () => ask<Results>(attune, '/attune.scoring.v1.ScoringService/GetCampaignResults', {}),
    ({ campaigns }) => campaigns.some(({ campaign, treatedReached }) => campaign === 'basket_left' && Number(treatedReached) >= 1),
  );
});
