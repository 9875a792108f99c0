import { setTimeout as sleep } from 'node:timers/promises';
import { Position } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import type { Producer } from 'kafkajs';
import { atRate } from './background.ts';
import { shareLine } from './cpu-profile.ts';
import { type FourServices, NAMES, PARTITIONS, startFourServices } from './four-services.ts';
import { type KafkaHop, openHop } from './kafka-hop.ts';
import { type MailSink, openMailSink } from './mail-sink.ts';
import { countFrom, type Env, until } from './measure.ts';
import { quietKafka, withServers } from './servers.ts';
import { cancellation, type FeatureCalls, featureCalls, introduce, order } from './shop-customers.ts';
import { stageTimes } from './stage-times.ts';
import { printTable, quantile } from './table.ts';

const SHOPPERS = 40;
const PAUSE_MIN_MS = 5;
const PAUSE_MAX_MS = 25;
const LOOK_EVERY_MS = 1;
const WITHIN_MS = 20_000;

/** What a run works with. */
interface World {
  readonly four: FourServices;
  readonly hop: KafkaHop;
  readonly sink: MailSink;
  readonly features: FeatureCalls;
  readonly producer: Producer;
  /** Customers whose orders are counted: user and profile ids, and how many each has. */
  readonly shoppers: readonly { readonly userId: string; readonly profileId: string; orders: number }[];
  /** Customers who have not cancelled yet: each gets one apology. */
  readonly disappointed: string[];
}

/** One thing whose time is taken, in ms. */
type Probe = (world: World) => Promise<number>;

/** One event → a feature that is served, and one event → a mail taken, beside one bare Kafka hop: one probe at a time, alone and beside a stream of other events at three rates. */
export async function eventLatency(env: Env): Promise<void> {
  const rounds = countFrom(env, 'BENCH_ROUNDS', 3);
  const probes = countFrom(env, 'BENCH_PROBES', 40);
  const perS = countFrom(env, 'BENCH_RATE', 10);
  const rates = [0, perS, 2 * perS, 10 * perS];
  await withServers(env, async (servers) => {
    const sink = await openMailSink();
    const four = await startFourServices(servers, sink.url);
    const hop = await openHop(servers.brokers, `${four.namespace}.hop`);
    const producer = quietKafka(servers.brokers).producer({ allowAutoTopicCreation: false });
    const features = featureCalls(four);
    try {
      await producer.connect();
      const disappointed = Array.from({ length: rates.length * (rounds + 1) * probes }, (_, i) => `disappointed-${i}`);
      const world = { four, hop, sink, features, producer, disappointed, shoppers: await shoppersOf(four, features) };
      await introduce(four, features, disappointed, { orders: 0 });
      const rows: string[][] = [];
      rows.push(...(await atOneRate(world, { rate: 0, rounds, probes })));
      const stages = await stageTimes({ brokers: servers.brokers, namespace: four.namespace, partitions: PARTITIONS, event: 'Order Cancelled' });
      for (const rate of rates.slice(1)) rows.push(...(await atOneRate(world, { rate, rounds, probes })));
      console.log(`from the call to the effect, ${rounds} alternated rounds of ${probes} probes, one at a time:`);
      printTable(['events/s beside', 'what', 'p50 ms', 'p99 ms', 'p50 in hops', 'p99 in hops'], rows);
      console.log('on the way to a mail with no events beside, from one record (first: accepted) to the append of the next, in ms by the clock of the log:');
      printTable(
        ['record', 'p50', 'p99'],
        stages.map(([stage, p50, p99]) => [stage, String(p50), String(p99)]),
      );
      await whereTimeGoes(world, 10 * perS);
    } finally {
      features.close();
      await producer.disconnect();
      await hop.end();
      await four.end();
      sink.close();
    }
  });
}

async function shoppersOf(four: FourServices, features: FeatureCalls): Promise<World['shoppers']> {
  const userIds = Array.from({ length: SHOPPERS }, (_, i) => `shopper-${i}`);
  const profileIds = await introduce(four, features, userIds, { orders: 1 });
  return userIds.map((userId, i) => ({ userId, profileId: profileIds[i] ?? '', orders: 1 }));
}

type What = 'hop' | 'taken' | 'awaited' | 'feature' | 'mail';

interface Load {
  readonly rate: number;
  readonly rounds: number;
  readonly probes: number;
}

/** The hop has a stream of its own at the same rate, and none of the services' work beside it. */
async function atOneRate(world: World, { rate, rounds, probes }: Load): Promise<string[][]> {
  const times: Record<What, number[]> = { hop: [], taken: [], awaited: [], feature: [], mail: [] };
  for (let round = 0; round <= rounds; round++) {
    const hops = await atRate(rate, world.hop.fill, () => probed(world, hopProbe, probes));
    const found = await atRate(
      rate,
      (count) => otherEvents(world, count),
      async () => ({
        taken: await probed(world, doorProbe, probes),
        awaited: await probed(world, awaitedProbe, probes),
        feature: await probed(world, featureProbe, probes),
        mail: await probed(world, mailProbe, probes),
      }),
    );
    await world.four.settled();
    if (round === 0) continue; // everything warms up
    times.hop.push(...hops);
    times.taken.push(...found.taken);
    times.awaited.push(...found.awaited);
    times.feature.push(...found.feature);
    times.mail.push(...found.mail);
  }
  const line = (what: string, of: readonly number[]): string[] => {
    const [p50, p99] = [quantile(of, 0.5), quantile(of, 0.99)];
    const hops = (q: number): string => (quantile(of, q) / quantile(times.hop, q)).toFixed(1);
    return [String(rate), what, p50.toFixed(1), p99.toFixed(1), hops(0.5), hops(0.99)];
  };
  return [
    line('a bare Kafka hop', times.hop),
    line('event → acknowledged', times.taken),
    line('event → feature served, one call that waits', times.awaited),
    line('event → feature served, asked again and again', times.feature),
    line('event → mail taken', times.mail),
  ];
}

async function probed(world: World, probe: Probe, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    times.push(await probe(world));
    await sleep(PAUSE_MIN_MS + ((i * 7) % (PAUSE_MAX_MS - PAUSE_MIN_MS)));
  }
  return times;
}

const hopProbe: Probe = ({ hop }) => hop.pass();

let nextShopper = 0;

/** The next customer's next order. */
function nextOrder({ shoppers }: World) {
  const shopper = shoppers[nextShopper++ % shoppers.length];
  if (shopper === undefined) throw new Error('no shopper');
  const wanted = ++shopper.orders;
  const subjects = [{ id: { $case: 'profileId' as const, value: shopper.profileId } }];
  const asked = GetFeaturesRequest.fromPartial({ subjects, features: ['orders'], purpose: 'personalise' });
  return { event: order(shopper.userId, `${shopper.userId}-${wanted}`), asked, wanted };
}

/** From the call of the HTTP door until it answers that the log has the event. */
const doorProbe: Probe = async (world) => {
  const { event } = nextOrder(world);
  const fromMs = performance.now();
  await world.four.post('/v1/track', event);
  return performance.now() - fromMs;
};

/** From the call of the HTTP door until one GetFeatures over gRPC, which names the position that the door answered, answers the new count. */
const awaitedProbe: Probe = async (world) => {
  const { event, asked, wanted } = nextOrder(world);
  const fromMs = performance.now();
  const { position } = JSON.parse(await world.four.post('/v1/track', event)) as { readonly position: object };
  const count = await countOf(world, { ...asked, atLeast: Position.fromJSON(position) });
  if (count !== wanted) throw new Error(`an answer that must know the order counts ${count} and not ${wanted}`);
  return performance.now() - fromMs;
};

/** How many orders the features say. */
async function countOf({ features }: World, asked: GetFeaturesRequest): Promise<number | undefined> {
  const { rows } = await features.calls.getFeatures(asked);
  const kind = rows[0]?.values[0]?.value?.kind;
  return kind?.$case === 'number' ? kind.value : undefined;
}

/** From the call of the HTTP door until GetFeatures over gRPC, asked again and again, answers the new count. */
const featureProbe: Probe = async (world) => {
  const { event, asked, wanted } = nextOrder(world);
  const fromMs = performance.now();
  await world.four.post('/v1/track', event);
  await until(async () => (((await countOf(world, asked)) ?? 0) >= wanted ? true : undefined), {
    withinMs: WITHIN_MS,
    everyMs: LOOK_EVERY_MS,
    what: 'the order in the features',
  });
  return performance.now() - fromMs;
};

/** From the call of the HTTP door until the mail server has the whole apology. */
const mailProbe: Probe = async ({ four, sink, disappointed }) => {
  const userId = disappointed.pop();
  if (userId === undefined) throw new Error('everybody has cancelled');
  const arrival = sink.arrival(`${userId}@example.com`);
  const fromMs = performance.now();
  await four.post('/v1/track', cancellation(userId));
  const late = sleep(WITHIN_MS).then(() => Promise.reject(new Error('the apology did not come')));
  return (await Promise.race([arrival, late])) - fromMs;
};

let otherOrders = 0;

/** Orders of other customers, written to the topic of the applications. */
async function otherEvents({ producer, four }: World, count: number): Promise<void> {
  const messages = Array.from({ length: count }, () => {
    const n = otherOrders++;
    const userId = `other-${n % 200}`;
    return { key: userId, value: JSON.stringify(order(userId, `other-order-${n}`)) };
  });
  await producer.send({ topic: `${four.namespace}.attune.events.v1`, acks: -1, messages });
}

/** What a process spends on an event, and on what, with the stream alone. */
async function whereTimeGoes(world: World, rate: number): Promise<void> {
  const services = NAMES.map((name) => world.four.services[name]);
  const sentBefore = otherOrders;
  const before = await Promise.all(services.map((service) => service.cpuS()));
  for (const service of services) await service.profile();
  await atRate(
    rate,
    (count) => otherEvents(world, count),
    () => sleep(4_000),
  );
  const shares = await Promise.all(services.map((service) => service.shares()));
  const after = await Promise.all(services.map((service) => service.cpuS()));
  const events = otherOrders - sentBefore;
  console.log(`processor time for an event at ${rate} events/s, idle work and sampling included, and where it goes:`);
  for (const [i, { name }] of services.entries())
    console.log(`  ${name} ${((1e3 * ((after[i] ?? 0) - (before[i] ?? 0))) / events).toFixed(2)} ms: ${shareLine(shares[i] ?? [])}`);
}
