import type { Configuration } from '@attune/configuration/configuration';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { GetFeaturesRequest } from '@attune/contracts/messages/features/v1/features';
import { seededRandom } from '@attune/kernel/random';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { profileCodec } from './adapters/profile-codec.ts';
import { consentOf } from './domain/consent.ts';
import { foldProfile } from './domain/fold-profile.ts';
import { emptyLeaf, emptyProfile, type Leaf, type Profile } from './domain/profile.ts';
import type { ProfileRules } from './domain/profile-rules.ts';
import { rulesOfConfiguration } from './flows/active-rules.ts';
import { explainSegment } from './flows/explain-segment.ts';
import { getFeatures } from './flows/get-features.ts';
import { getProfile } from './flows/get-profile.ts';
import type { ReadPorts } from './flows/read-stored.ts';
import { configuration, DAY, historyOf, START } from './gift-barn.fixture.ts';

/** ATTUNE_TEST_CASES=10000 for a long run. */
const CASES = Number(process.env['ATTUNE_TEST_CASES'] ?? 150);
const NOW = START + 130 * DAY;
const BASES = ['contract', 'legal_obligation', 'legitimate_interest', 'consent'] as const;
const stopwatch = { elapsedMs: () => 0, sleep: async () => {} };
const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => Buffer.alloc(32, 1) } });
const ring = new KeyRing(keys, stopwatch);
const codec = profileCodec(ring);
beforeAll(() => ring.ensure('default', [subjectKey('p_ann')]));
afterAll(() => keys.close());

type Chance = () => number;
const PURPOSES = Object.keys(configuration.purposes);
const some = (next: Chance): string[] => PURPOSES.filter(() => next() < 0.5);

/** The example shop with other purposes of its values, and other bases of its purposes. */
function shopOf(next: Chance): Configuration {
  const { purposes, features, traits } = configuration;
  const based = Object.entries(purposes).map(([name, one]) => [name, { ...one, basis: BASES[Math.floor(next() * BASES.length)] ?? 'consent' }] as const);
  return {
    ...configuration,
    purposes: Object.fromEntries(based),
    features: features.map((feature) => ({ ...feature, purposes: some(next) })),
    traits: Object.fromEntries(Object.entries(traits).map(([name, trait]) => [name, { ...trait, purposes: some(next) }])),
  };
}

function profileOf(seed: string, rules: ProfileRules): Profile {
  const profile = { ...emptyProfile(), tenant: 'default', profileId: 'p_ann' };
  for (const [acceptedOffset, happening] of historyOf(seed).entries())
    foldProfile(profile, { leaf: 'leaf', acceptedPartition: 0, acceptedOffset, happening }, rules);
  return profile;
}

/** The same profile, but what the purpose may not use is that of somebody else. */
function withOthers(profile: Profile, other: Profile, { rules, purpose }: { readonly rules: ProfileRules; readonly purpose: string }): Profile {
  const allowed = consentOf(profile, rules)[purpose] === true;
  const withheld = (purposes: readonly string[] | undefined): boolean => !allowed || !purposes?.includes(purpose);
  const purposesOf = new Map(rules.features.map(({ declaration }) => [declaration.name, declaration.purposes]));
  const leaves = [...profile.leaves].map(([id, leaf]): [string, Leaf] => {
    const from = other.leaves.get('leaf') ?? emptyLeaf();
    const mixed = <T>(mine: ReadonlyMap<string, T>, theirs: ReadonlyMap<string, T>, isWithheld: (name: string) => boolean) =>
      new Map([...[...mine].filter(([name]) => !isWithheld(name)), ...[...theirs].filter(([name]) => isWithheld(name))]);
    const features = mixed(leaf.features, from.features, (name) => withheld(purposesOf.get(name)));
    const traits = mixed(leaf.traits, from.traits, (name) => withheld(rules.traits.get(name)?.purposes));
    return [id, { ...leaf, features, traits }];
  });
  return { ...profile, leaves: new Map(leaves), envelope: undefined };
}

/** Everything that a reader with the purpose is told of a profile, by the calls themselves. */
async function toldOf(profile: Profile, shop: Configuration, purpose: string): Promise<unknown> {
  const states = [codec.encode({ active: { version: shop.version, document: '' } }), codec.encode({ profile })];
  const ports: ReadPorts = {
    ...{ ring, codec, partitions: 1, clock: { nowMs: () => NOW }, configuration: () => shop, configurationOf: () => shop },
    store: { read: async () => ({ watermark: new Uint8Array(), states }) } as unknown as ReadPorts['store'],
    slotOf: () => ({ processor: 'profiles', partition: 0, partitions: 1 }),
    resolve: () => Promise.reject(new Error('nobody is resolved')),
    resolveMany: () => Promise.reject(new Error('nobody is resolved')),
  };
  const subject: Subject = { id: { $case: 'profileId', value: 'p_ann' } };
  const names = [...rulesOfConfiguration(shop).traits.keys()].map((name) => `traits.${name}`);
  const whole = await getProfile({ ...ports, stopwatch })('default', { subject, purpose });
  const rows = await getFeatures({ ...ports, stopwatch })('default', GetFeaturesRequest.fromPartial({ subjects: [subject], purpose }));
  const traits = await getFeatures({ ...ports, stopwatch })('default', GetFeaturesRequest.fromPartial({ subjects: [subject], features: names, purpose }));
  const why = [];
  for (const { name } of shop.segments) why.push(await explainSegment(ports)('default', { subject, segment: name, purpose }));
  return { whole, rows, traits, why };
}

test('whatever is withheld from a purpose changes nothing that is told for it: no value, no segment, no reason', { timeout: 600_000 }, async () => {
  let interfering = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const next = seededRandom(`case ${seed}`);
    const shop = shopOf(next);
    const rules = rulesOfConfiguration(shop);
    const purpose = PURPOSES[Math.floor(next() * PURPOSES.length)] ?? '';
    const profile = profileOf(`history ${seed}`, rules);
    if (profile.leaves.size === 0) continue;
    const other = withOthers(profile, profileOf(`another ${seed}`, rules), { rules, purpose });
    const told = await toldOf(profile, shop, purpose);
    expect({ seed, told: await toldOf(other, shop, purpose) }).toEqual({ seed, told });
    if (Buffer.compare(codec.encode({ profile }) ?? Buffer.of(), codec.encode({ profile: other }) ?? Buffer.of()) !== 0) interfering++;
  }
  expect(interfering).toBeGreaterThan(CASES / 2);
});
