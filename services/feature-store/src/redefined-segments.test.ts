import { TransitionCause } from '@attune/contracts/messages/log/v1/log';
import { until } from '@attune/processor/processor-world';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FeatureStoreWorld } from './feature-store-world.fixture.ts';
import { configurations, DAY, DOCUMENT } from './gift-barn.fixture.ts';

let world: FeatureStoreWorld;
beforeEach(async () => {
  world = new FeatureStoreWorld();
  await world.start();
});
afterEach(() => world.end());

interface Standing {
  readonly name: string;
  readonly size?: string;
  readonly recomputing?: boolean;
}
const listed = async (): Promise<readonly Standing[]> =>
  ((await world.call('features.v1.FeatureStoreService/ListSegments', {})) as { segments?: readonly Standing[] }).segments ?? [];
const sizes = async (): Promise<Record<string, number>> => Object.fromEntries((await listed()).map(({ name, size = '0' }) => [name, Number(size)]));
const orders = (user: string, total = 600) => world.happens(user, { name: 'Order Completed', fields: { total, order_id: user } });
const activate = (document: string) => world.activate(configurations.of(document).version, document);
const words: Readonly<Record<number, string>> = {
  [TransitionCause.TRANSITION_CAUSE_RECORD]: 'record',
  [TransitionCause.TRANSITION_CAUSE_TIME]: 'time',
  [TransitionCause.TRANSITION_CAUSE_DEFINITION]: 'definition',
};
const told = async (user: string): Promise<readonly string[]> =>
  (await world.changes(user)).flatMap(({ change }) =>
    change.segment === '' ? [] : [`${change.entered ? 'entered' : 'left'} ${change.segment} by ${words[change.transitionCause]}`],
  );
/** The looks in the background come once a second of machine time. */
const recomputed = async (): Promise<void> => {
  await until(async () => {
    world.pass(1_001);
    return (await listed()).every(({ recomputing }) => recomputing !== true);
  });
};

test('a segment that is defined otherwise gets its members in the background, and what changes so is told apart', async () => {
  for (const user of ['ann', 'bea']) await orders(user);
  await orders('bea');
  await until(async () => (await sizes())['first_timer'] === 1);
  expect(await sizes()).toEqual({ first_timer: 1, lapsing: 0, let_down: 0, vip: 0 });
  await activate(DOCUMENT.replace('vip: spend_90d >= 1500', 'vip: spend_90d >= 500'));
  await recomputed();
  await until(async () => (await sizes())['vip'] === 2);
  expect(await sizes()).toEqual({ first_timer: 1, lapsing: 0, let_down: 0, vip: 2 });
  expect(await told('ann')).toEqual(['entered first_timer by record', 'entered vip by definition']);
  await orders('ann');
  await until(async () => (await sizes())['first_timer'] === 0);
  expect((await told('ann')).at(-1)).toBe('left first_timer by record');
});

test('a record under another definition is told from the definition, and from what time did to the others meanwhile', async () => {
  for (let order = 0; order < 3; order++) {
    await orders('ann', 10);
    world.pass(10 * DAY);
  }
  await until(async () => (await told('ann')).includes('left first_timer by record'));
  await activate(DOCUMENT.replace('vip: spend_90d >= 1500', 'vip: orders >= 3'));
  world.pass(40 * DAY);
  await orders('ann', 10);
  await until(async () => (await told('ann')).includes('left lapsing by record'));
  expect((await told('ann')).slice(2)).toEqual(expect.arrayContaining(['entered lapsing by time', 'entered vip by definition', 'left lapsing by record']));
  expect((await told('ann')).slice(2)).toHaveLength(3);
});

test('a segment that is declared no more is left by everybody, and is right when it is declared again', async () => {
  await orders('ann', 2_000);
  await until(async () => (await sizes())['vip'] === 1);
  await activate(DOCUMENT.replace(/ {2}vip: .*\n/, '').replace(/ {2}vip_thanks:[\s\S]*?expires: 3d\n/, ''));
  await recomputed();
  await until(async () => (await sizes())['vip'] === 0);
  expect((await told('ann')).at(-1)).toBe('left vip by definition');
  await activate(DOCUMENT);
  await recomputed();
  await until(async () => (await sizes())['vip'] === 1);
});

test('a change of the configuration that leaves segments as they were wakes nobody', async () => {
  await orders('ann');
  await until(async () => (await sizes())['first_timer'] === 1);
  await activate(`${DOCUMENT}\n# a remark`);
  await recomputed();
  const read = await Promise.all(Array.from({ length: 4 }, (_, partition) => world.log.read('attune.activity.v1', partition, 0, 100)));
  expect(read.flat()).toHaveLength(4 + 1 + 4); // activations and the order
});
