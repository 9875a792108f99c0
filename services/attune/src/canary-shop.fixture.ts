import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { newFolder, post, type Running } from './attune-process.fixture.ts';
import { EXAMPLE } from './read-configuration.ts';

/** Words that stand for what is personal: an identifier, an address, a name, free words, a field that nobody declared, what is told beside an event. */
export const CANARIES = ['canaryuser', 'canarymail', 'Canaryname', 'canarywords', 'canaryextra', 'canaryreferrer'] as const;
export const [USER, MAIL, NAME, WORDS, EXTRA, REFERRER] = CANARIES;
const ADDRESS = `${MAIL}@example.com`;

/** The example shop without quiet hours and holdout, so that the mail leaves now. Test only. */
export function openShop(): string {
  const folder = newFolder();
  cpSync(dirname(EXAMPLE), folder, { recursive: true });
  const file = join(folder, 'attune.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8')
      .replace(/\n {2}quiet_hours:.*\n/, '\n')
      .replace('holdout: 10%', 'holdout: 0%'),
  );
  return file;
}

/** What a call answered. */
export interface Answer {
  readonly status: number;
  readonly said: string;
}

/** Calls by JSON over HTTP. */
export async function ask({ address }: Running, path: string, body?: object): Promise<Answer> {
  const answer = body === undefined ? await fetch(`${address}${path}`) : await post(address, path, JSON.stringify(body));
  return { status: answer.status, said: await answer.text() };
}

function expectStatus({ status, said }: Answer, wanted: number): void {
  if (status !== wanted) throw new Error(`answered ${status} instead of ${wanted}: ${said}`);
}

const listMails = (attune: Running) => ask(attune, '/attune.notification.v1.OutboxService/ListMails', {});

/** From the first call to the mail, with a canary in every place that holds something personal. Answers the ids that the mail names. */
export async function orderToMail(attune: Running): Promise<{ id: string; profileId: string; decisionId: string }> {
  const context = { page: { referrer: `https://example.com/${REFERRER}` }, ip: REFERRER };
  const traits = { email: ADDRESS, name: NAME, language: 'en', time_zone: 'Europe/London', nickname: EXTRA };
  const track = (event: string, properties: object) => ask(attune, '/v1/track', { userId: USER, event, properties, context });
  const consent = { subject: { userId: USER }, purposes: { marketing: true } };
  const products = [{ product_id: 'p1', quantity: 1, price: 3 }]; // declared open, as order_id is
  const answers = [
    await ask(attune, '/v1/identify', { userId: USER, traits, context }),
    await ask(attune, '/attune.privacy.v1.PrivacyService/RecordConsent', consent),
    await track('Product Viewed', { product_id: EXTRA, note: WORDS }),
    await track('Order Completed', { order_id: 'o1', total: 24.5, products, gift_note: WORDS }),
  ];
  for (const answer of answers) expectStatus(answer, 200);
  expectStatus(await track('Nobody Declared', { [EXTRA]: WORDS }), 400);
  for (;;) {
    const { mails = [] } = JSON.parse((await listMails(attune)).said) as { mails?: { id: string; profileId: string; decisionId: string; to: string }[] };
    const [mail] = mails;
    if (mail === undefined) continue;
    if (mail.to !== ADDRESS) throw new Error('the mail went to somebody else');
    expectStatus(await track('Support Case Opened', { topic: WORDS }), 200); // not before: it pauses promotions
    return mail;
  }
}

/** Every file below a folder. */
export const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
