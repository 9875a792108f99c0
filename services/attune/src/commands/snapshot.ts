import { Command, InvalidArgumentError } from 'commander';
import { readSettings } from '../config.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Options {
  readonly keep: number;
  readonly list: boolean;
  readonly check: boolean;
}

/** `attune snapshot`: copies the store beside the processes that use it. */
export function snapshotCommand(environment: Environment): Command {
  return new Command('snapshot')
    .description(
      'copies identities, profiles, the memory of campaigns, decisions and deliveries into a folder, beside the processes that fold them. An empty store is filled from the newest snapshot and the rest of the log. Reads the data folder, or ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL. Ended in the middle, the next call goes on. See docs/snapshots.md',
    )
    .option('--keep <n>', 'how many snapshots stay, this one among them', wholeNumber, 3)
    .option('--list', 'only say which snapshots there are', false)
    .option('--check', 'only read the newest snapshot whole, and say whether a byte of it was changed', false)
    .action(async (options: Options) => {
      for (const line of await (options.list || options.check ? told(environment, options) : taken(environment, options))) console.log(line);
    });
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('It is a whole number above 0.');
  return Number(text);
}

async function taken(environment: Environment, { keep }: Options): Promise<readonly string[]> {
  const [{ takeSnapshot }, { featureKindSpecs }, { Configurations }, { openLogAtRest }, { openStoreAtRest }, { slotSources, snapshotsOf }, { workBar }] =
    await Promise.all([
      import('@attune/processor/snapshots/take-snapshot'),
      import('@attune/feature-store/composition'),
      import('@attune/configuration/configurations'),
      import('../log-at-rest.ts'),
      import('../store-at-rest.ts'),
      import('../snapshots-of.ts'),
      import('./work-bar.ts'),
    ]);
  const settings = readSettings(environment);
  const { log, ring, close } = await openLogAtRest(settings);
  const store = await openStoreAtRest(settings);
  const startedMs = performance.now();
  const sources = slotSources(ring, new Configurations(featureKindSpecs));
  const progress = workBar(process.stderr, 'snapshot', 'partitions');
  const snapshot = await takeSnapshot({ store, log, ...snapshotsOf(settings), sources, nowMs: Date.now(), keep, progress }).finally(async () => {
    await store.close();
    await close();
  });
  if (snapshot === undefined) return ['nothing is folded yet: there is nothing to copy'];
  const { slots, resumed, removed, name } = snapshot;
  const states = slots.reduce((sum, slot) => sum + slot.states, 0);
  const seconds = (performance.now() - startedMs) / 1_000;
  return [
    `${states} states of ${slots.length} partitions in ${seconds.toFixed(1)} s${resumed > 0 ? `; ${resumed} partitions were copied by an earlier call` : ''}`,
    ...(removed > 0 ? [`${removed} older snapshots were removed`] : []),
    `${snapshotsOf(settings).folder.path}: ${name}`,
  ];
}

async function told(environment: Environment, { check }: Options): Promise<readonly string[]> {
  const [{ snapshotsOf }, { columns }] = await Promise.all([import('../snapshots-of.ts'), import('./columns.ts')]);
  const { folder } = snapshotsOf(readSettings(environment));
  const [newest, ...older] = folder.names();
  if (newest === undefined) return [`${folder.path} holds no snapshot. Take one: attune snapshot`];
  if (check) {
    const chunks = folder.manifest(newest).slots.flatMap((slot) => slot.chunks);
    for (const chunk of chunks) folder.chunk(chunk);
    return [`${newest}: ${chunks.length} chunks are as they were written`];
  }
  const rows = [newest, ...older].map((name) => {
    const { takenAtMs, slots } = folder.manifest(name);
    const [states, bytes] = [
      slots.reduce((sum, slot) => sum + slot.states, 0),
      slots.flatMap(({ chunks }) => chunks).reduce((sum, chunk) => sum + chunk.bytes, 0),
    ];
    return [new Date(takenAtMs).toISOString(), String(slots.length), String(states), String(bytes), name];
  });
  return columns(['taken', 'partitions', 'states', 'bytes', 'name'], rows);
}
