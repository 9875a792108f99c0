import { setTimeout as sleep } from 'node:timers/promises';
import { type SeededRandom, seededRandom } from '@attune/kernel/random';
import { endpoints, freshPrefix } from '@attune/testing/provision/endpoints';
import { expect, onTestFinished, test } from 'vitest';
import { FourServices } from '../apart/four-services.ts';
import { type DialoguePlace, type MailServer, messageIdsOf, openMailServer } from '../apart/mail-server.ts';
import { count, decided, delivered, introduce, order, ordersOf, outcomes, whereabouts } from '../apart/shop-facts.ts';
import { eventually } from '../journeys/attune-process.ts';

const KILLS = 20;
const PLACES: readonly DialoguePlace[] = ['rcpt', 'data', 'accepted'];
/** No dialogue comes while all mails wait for a rebalance: then it is killed between dialogues. */
const PLACE_MS_MAX = 2_500;

/** Who ordered how often, as far as it was answered with success. */
type Answered = Map<string, number>;

/** A new customer each time, and now and then one more order of a former one, until told to stop. Answers what was answered with success. */
async function orders(four: FourServices, chance: SeededRandom, goOn: () => boolean): Promise<Answered> {
  const answered: Answered = new Map();
  for (let i = 0; goOn(); i++) {
    const again = i > 0 && chance() < 0.3;
    const userId = again ? `user-${Math.floor(chance() * answered.size)}` : `user-${answered.size}`;
    if (!again) await untilAnswered(() => introduce(four, userId));
    await untilAnswered(() => order(four, userId, `order-${i}`));
    answered.set(userId, (answered.get(userId) ?? 0) + 1);
    await sleep(60);
  }
  return answered;
}

/** A killed feature-store cannot take consent: its customer asks again. */
const untilAnswered = (ask: () => Promise<void>) =>
  eventually(
    () =>
      ask().then(
        () => true,
        () => false,
      ),
    (done) => done,
  );

/** Kills at chance moments while records stream. */
async function killInMidStream(four: FourServices, chance: SeededRandom): Promise<number> {
  const service = four.services['feature-store'];
  for (let killed = 0; killed < KILLS; killed++) {
    await sleep(200 + chance() * 2_500);
    await service.end('SIGKILL');
    await service.start();
  }
  return KILLS;
}

/** Kills at places of the dialogue that chance chooses. Answers how often at which. */
async function killInDialogue(four: FourServices, mail: MailServer, chance: SeededRandom): Promise<Readonly<Record<string, number>>> {
  const service = four.services.notification;
  const at: Record<string, number> = {};
  for (let killed = 0; killed < KILLS; killed++) {
    const wanted = PLACES[Math.floor(chance() * PLACES.length)] ?? 'data';
    const place = await Promise.race([reached(mail, wanted, () => void service.end('SIGKILL')), sleep(PLACE_MS_MAX, 'between')]);
    mail.onPlace = () => undefined;
    await service.end('SIGKILL');
    at[place] = (at[place] ?? 0) + 1;
    await service.start();
  }
  return at;
}

const reached = (mail: MailServer, wanted: DialoguePlace, kill: () => void): Promise<DialoguePlace> =>
  new Promise((resolve) => {
    mail.onPlace = (place) => {
      if (place !== wanted) return;
      kill();
      resolve(place);
    };
  });

test('feature-store and notification killed twenty times each lose no event and no decision, and no promotion leaves twice', { timeout: 150_000 }, async () => {
  const seed = process.env['ATTUNE_TEST_SEED'] ?? crypto.randomUUID();
  console.log(`seed ${seed}`);
  const mail = await openMailServer();
  onTestFinished(() => mail.close());
  const four = await FourServices.in({ ...endpoints(), namespace: freshPrefix(), smtpUrl: mail.url });
  onTestFinished(() => four.remove());
  await four.start();

  let killing = true;
  const load = orders(four, seededRandom(`${seed}/orders`), () => killing);
  const kills = Promise.all([killInMidStream(four, seededRandom(`${seed}/stream`)), killInDialogue(four, mail, seededRandom(`${seed}/mail`))]);
  const [inStream, inDialogue] = await kills;
  killing = false;
  const answered = await load;

  for (const [userId, times] of answered) {
    await eventually(
      () => ordersOf(four, userId),
      (counted) => counted >= times,
    );
  }
  const decisions = await eventually(
    () => decided(four),
    (it) => count(it.entered) >= answered.size && outcomes(it) >= answered.size,
  );
  const deliveries = await eventually(
    () => delivered(four),
    (it) => whereabouts(it) >= count(decisions.offered),
  );
  const ids = messageIdsOf(mail.mails);
  const told = [...answered.values()].reduce((a, b) => a + b, 0);
  console.log(JSON.stringify({ customers: answered.size, orders: told, inStream, inDialogue, decisions, deliveries, mails: ids.length }));

  const counted = new Map<string, number>();
  for (const userId of answered.keys()) counted.set(userId, await ordersOf(four, userId));
  expect(counted).toEqual(answered);
  expect([count(decisions.entered), outcomes(decisions)]).toEqual([answered.size, answered.size]);
  expect(whereabouts(deliveries)).toBe(count(decisions.offered));
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(mail.mails.map((one) => /^To: (.+)$/im.exec(one)?.[1])).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThanOrEqual(count(deliveries.sent));
  expect(ids.length).toBeLessThanOrEqual(count(deliveries.sent) + count(deliveries.unknown));
  expect(four.all.flatMap(({ unasked }) => unasked)).toEqual([]);
});
