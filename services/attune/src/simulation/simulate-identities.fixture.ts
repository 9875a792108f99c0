import { Configurations } from '@attune/configuration/configurations';
import { RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import { featureKindSpecs, profilesDefinition } from '@attune/feature-store/composition';
import { identitiesDefinition } from '@attune/ingestion/composition';
import type { ProcessorDefinition } from '@attune/processor/definition';
import { Processor } from '@attune/processor/processor';
import { KeyRing } from '@attune/sealing/key-ring';
import type { KeyStore } from '@attune/sealing/port';
import { applyChange, trimById } from '@attune/testing/simulation/sim-store';
import { type SimActor, SimWorld } from '@attune/testing/simulation/sim-world';
import { differencesFrom, misplaced, type Replayed, replayed } from './replay-log.fixture.ts';
import { activate, CROWD_DAY, Crowd, DOCUMENT, KIOSK } from './shop-crowd.fixture.ts';
import { plainKeys, simKeys } from './sim-keys.fixture.ts';
import { type Sums, whoseIsWhat } from './whose-is-what.fixture.ts';

const configurations = new Configurations(featureKindSpecs);
const configuration = configurations.of(DOCUMENT);
const stopwatch = { elapsedMs: () => 0, sleep: async () => {} };
const STORMY_STEPS = 1_500;
const OWN_TOPICS = ['attune.accepted.v1', 'attune.activity.v1', 'attune.profiles.v1', 'attune.events.rejected.v1'] as const;

type Identities = ReturnType<typeof identitiesDefinition>;
type Profiles = ReturnType<typeof profilesDefinition>;
type ProfileState = ReturnType<Profiles['empty']>;

/** A fault of Attune's own, planted to see that the simulation notices. */
export interface PlantedMergeBug {
  readonly profiles?: (definition: Profiles) => Profiles;
}

/** What a seed came to. */
export interface IdentityReport {
  /** In words; empty when the promises held. */
  readonly differences: readonly string[];
  readonly faults: Readonly<Record<string, number>>;
  /** Profiles of visitors that became part of a customer's. */
  readonly merged: number;
  /** How often the device of two customers was handed on between them. */
  readonly handedOn: number;
}

/** Runs resolver and live profile, two processes of both, through one seeded schedule of faults, and holds them against plain loops over their logs and against the sums of what was sent. */
export async function simulateIdentities(seed: string, bug: PlantedMergeBug = {}): Promise<IdentityReport> {
  const ring = await crowdRing();
  const crowd = new Crowd(ring);
  const store = { apply: applyChange, trim: trimById, trimsApart: false };
  const world = new SimWorld({
    seed,
    store,
    produce: (at) => crowd.appendTo(at),
    actors: (scheduler) => actorsOf((process) => simKeys(scheduler, process), bug),
    stormySteps: STORMY_STEPS,
  });
  activate(world);
  await world.storm();
  await world.calm();
  return judged(world, ring);
}

async function crowdRing(): Promise<KeyRing> {
  const ring = new KeyRing(plainKeys, stopwatch);
  await ring.ensure('default', [CROWD_DAY]);
  return ring;
}

function actorsOf(keysOf: (process: Parameters<SimActor['make']>[0]) => KeyStore, { profiles = (it) => it }: PlantedMergeBug): readonly SimActor[] {
  const actor = <S>(name: string, topic: string, definitionOf: (ring: KeyRing) => ProcessorDefinition<S>): SimActor => ({
    name,
    topic,
    make: (process, ports) => new Processor(definitionOf(new KeyRing(keysOf(process), ports.stopwatch)), ports, { tendEveryMs: 100 }),
  });
  return [
    actor('identities', 'attune.accepted.v1', identitiesDefinition),
    actor('profiles', 'attune.activity.v1', (ring) => profiles(profilesDefinition(ring, configurations))),
  ];
}

async function judged({ broker, disk, faults }: SimWorld, ring: KeyRing): Promise<IdentityReport> {
  const [identities, profiles] = [identitiesDefinition(ring), profilesDefinition(ring, configurations)];
  const differences: string[] = [];
  const emissions: Replayed<unknown>['emissions'][number][] = [];
  const replay = async <S>(definition: ProcessorDefinition<S>): Promise<Map<string, S>> => {
    const states = new Map<string, S>();
    for (let partition = 0; partition < broker.partitions; partition++) {
      const plain = await replayed(definition, broker.of(definition.topic, partition));
      differences.push(...differencesFrom(plain, definition, disk, partition));
      emissions.push(...plain.emissions);
      for (const [key, state] of plain.states) states.set(key, state);
    }
    return states;
  };
  const [known, held] = [await replay(identities), await replay(profiles)];
  const sums = sumsFrom(broker, known);
  differences.push(...misplaced(emissions, broker, OWN_TOPICS), ...rejectedIn(broker), ...wrongSums(sums, held));
  const merged = [...held.values()].filter(({ moved }) => moved !== undefined).length;
  const changes = known.get(`default:identity:${KIOSK}`)?.identity?.changes ?? [];
  return { differences, faults, merged, handedOn: changes.filter(({ kind }) => kind === 'handed_on').length };
}

/** By profile id: what the log says that it holds. */
function sumsFrom(broker: SimWorld['broker'], known: ReadonlyMap<string, ReturnType<Identities['empty']>>): ReadonlyMap<string, Sums> {
  const sums = new Map<string, Sums>();
  for (const [owner, { events, spend, noted }] of whoseIsWhat(broker)) {
    const profileId = known.get(`default:identity:${owner}`)?.identity?.profileId ?? owner;
    const before = sums.get(profileId) ?? { events: 0, spend: 0, noted: 0 };
    sums.set(profileId, { events: before.events + events, spend: before.spend + spend, noted: before.noted + noted });
  }
  return sums;
}

function wrongSums(wanted: ReadonlyMap<string, Sums>, held: ReadonlyMap<string, ProfileState>): readonly string[] {
  const found = new Map<string, Sums>();
  for (const { profile } of held.values()) {
    if (profile === undefined || profile.events === 0) continue;
    found.set(profile.profileId, { events: featureIn(profile, 'orders'), spend: featureIn(profile, 'spend'), noted: featureIn(profile, 'noted') });
    if (profile.events !== featureIn(profile, 'orders')) found.set(`${profile.profileId} counts ${profile.events} events`, { events: 0, spend: 0, noted: 0 });
  }
  const words = (of: Sums | undefined): string => JSON.stringify(of ?? 'nothing');
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((profileId) =>
    words(wanted.get(profileId)) === words(found.get(profileId))
      ? []
      : [`${profileId} holds ${words(found.get(profileId))} instead of ${words(wanted.get(profileId))}`],
  );
}

/** The value of a feature over all leaves, long before any window ends. */
function featureIn({ leaves, newestMs }: NonNullable<ProfileState['profile']>, name: string): number {
  const declaration = configuration.features.find((feature) => feature.name === name);
  const cells = [...leaves.values()].flatMap(({ features }) => features.get(name) ?? []);
  const [first] = cells;
  if (declaration === undefined || first === undefined) return 0;
  const state = cells.map((cell) => cell.state).reduce((a, b) => first.kind.merge(a, b, declaration));
  const reading = first.kind.read(state, newestMs, declaration);
  return reading.status === 'present' ? Number(reading.value) : 0;
}

/** Nothing is refused: no device has too many customers here. */
function rejectedIn(broker: SimWorld['broker']): readonly string[] {
  const partitions = Array.from({ length: broker.partitions }, (_, partition) => broker.of('attune.events.rejected.v1', partition));
  const codes = partitions.flat().map(({ value }) => RejectedEvent.decode(value).code);
  return codes.map((code) => `rejected: ${code}`);
}
