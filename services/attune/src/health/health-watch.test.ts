import type { EventLog } from '@attune/event-log/port';
import { AttuneError, type ErrorCode } from '@attune/kernel/errors';
import type { PartitionStanding, Standing } from '@attune/processor/standing';
import { systemStopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';
import { expect, test } from 'vitest';
import { HealthWatch } from './health-watch.ts';

/** A stage, a log and a store whose answers the test decides; a clock that stands until it moves it. */
class World {
  nowMs = 1_700_000_000_000;
  endOffset = 10;
  logFault: ErrorCode | undefined;
  storeFault: ErrorCode | undefined;
  standing: Standing = { joined: true, endedBy: undefined, partitions: [this.partition({})] };
  readonly watch = new HealthWatch(
    {
      log: { bounds: async () => answer(this.logFault, { startOffset: 0, endOffset: this.endOffset }) } as unknown as EventLog,
      store: { read: async () => answer(this.storeFault, { watermark: new Uint8Array(), states: [] }) } as unknown as StateStore,
      stages: [{ topic: 't', status: () => [], standing: () => this.standing }],
      clock: { nowMs: () => this.nowMs },
      stopwatch: systemStopwatch,
    },
    { awayMs: 5_000, stuckMs: 60_000 },
  );

  partition(change: Partial<PartitionStanding>): PartitionStanding {
    return { partition: 0, nextOffset: 10, publishedUpTo: 10, adopted: true, turns: 1, stoppedBy: undefined, ...change };
  }

  now(change: Partial<PartitionStanding>): void {
    this.standing = { ...this.standing, partitions: [this.partition(change)] };
  }

  /** Looks once a second for so long. */
  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.nowMs += 1_000;
      await this.watch.look();
    }
  }

  get failing(): readonly string[] {
    return this.watch.health.checks.filter(({ ok }) => !ok).map(({ check, code }) => (code === undefined ? check : `${check}: ${code}`));
  }
}

function answer<T>(fault: ErrorCode | undefined, value: T): T {
  if (fault !== undefined) throw new AttuneError(fault);
  return value;
}

test('a process is starting until it has its place, has taken over what it owns and has folded what waited; later records are no reason', async () => {
  const world = new World();
  world.standing = { joined: false, endedBy: undefined, partitions: [] };
  expect(world.watch.health.status).toBe('starting');
  await world.pass(1);
  expect([world.watch.health.status, world.failing]).toEqual(['starting', ['joined', 'caught-up']]);
  world.standing = { joined: true, endedBy: undefined, partitions: [world.partition({ adopted: false, nextOffset: undefined, publishedUpTo: undefined })] };
  await world.pass(1);
  expect(world.failing).toEqual(['adopted', 'caught-up']);
  world.now({ nextOffset: 9 });
  world.endOffset = 12;
  await world.pass(1);
  expect([world.failing, world.watch.health.lag]).toEqual([['caught-up'], 3]);
  world.now({ nextOffset: 10 });
  await world.pass(1);
  expect([world.watch.health.status, world.watch.health.lag]).toEqual(['ready', 2]);
});

test.each([
  ['log', 'LOG_UNAVAILABLE'],
  ['store', 'STORE_UNAVAILABLE'],
] as const)('a %s that is away makes a process unready only after a while, says so since when, and never makes it dead', async (which, code) => {
  const world = new World();
  await world.pass(1);
  expect(world.watch.health.status).toBe('ready');
  world[`${which}Fault`] = code;
  world.now({ nextOffset: 5 });
  const sinceMs = world.nowMs + 1_000;
  await world.pass(5);
  expect(world.watch.health.status).toBe('ready');
  await world.pass(120);
  expect(world.watch.health).toMatchObject({ status: 'unready', stuck: [], ended: [] });
  expect(world.watch.health.checks).toContainEqual({ check: which, ok: false, code, sinceMs });
  world[`${which}Fault`] = undefined;
  await world.pass(1);
  expect(world.watch.health.status).toBe('ready');
});

test('a partition that somebody must mend makes a process unready at once, and not dead', async () => {
  const world = new World();
  await world.pass(1);
  world.now({ nextOffset: 5, stoppedBy: 'LOG_IDENTITY_CHANGED' });
  await world.pass(120);
  expect(world.watch.health).toMatchObject({ status: 'unready', stuck: [] });
  expect(world.failing).toEqual(['going-on: LOG_IDENTITY_CHANGED']);
});

test('records that wait for a minute without that anything moves make a process dead; what is tried again and again does not', async () => {
  const world = new World();
  await world.pass(1);
  world.endOffset = 11;
  for (let turns = 2; turns < 100; turns++) {
    world.now({ turns });
    await world.pass(1);
  }
  expect(world.watch.health.stuck).toEqual([]);
  await world.pass(58);
  expect(world.watch.health.stuck).toEqual([]);
  await world.pass(10);
  expect(world.watch.health.stuck).toMatchObject([{ topic: 't', partition: 0 }]);
  world.endOffset = 10;
  await world.pass(5);
  expect(world.watch.health.stuck).toEqual([]);
});

test('a place in the group that is lost makes a process unready after a while, and dead where the log answers', async () => {
  const world = new World();
  await world.pass(1);
  world.standing = { joined: false, endedBy: undefined, partitions: [] };
  await world.pass(5);
  expect(world.watch.health.status).toBe('ready');
  await world.pass(2);
  expect(world.watch.health).toMatchObject({ status: 'unready', stuck: [] });
  await world.pass(70);
  expect(world.watch.health.stuck).toMatchObject([{ topic: 't', partition: undefined }]);
});

test('a processor that has ended for good makes a process dead', async () => {
  const world = new World();
  await world.pass(1);
  world.standing = { ...world.standing, endedBy: 'LOG_UNAVAILABLE' };
  expect(world.watch.health).toMatchObject({ status: 'unready', ended: [{ topic: 't', code: 'LOG_UNAVAILABLE' }] });
});
