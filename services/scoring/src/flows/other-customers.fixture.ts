import type { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import type { Policy } from '../domain/campaign-rules.ts';
import { policyOf } from './policy-of.ts';
import { configurations, inputsWith, smallShop } from './shops.fixture.ts';

const BASES = ['contract', 'legal_obligation', 'legitimate_interest', 'consent'] as const;
const shop = configurations.of(smallShop);
/** The purposes of the small shop. */
export const PURPOSES = Object.keys(shop.purposes);

/** A number in [0, 1). */
export type Chance = () => number;

/** The small shop with other purposes of its values, and other bases of its purposes. */
export function policyFrom(next: Chance): Policy {
  const some = (): string[] => PURPOSES.filter(() => next() < 0.5);
  const purposes = Object.entries(shop.purposes).map(
    ([name, one]) => [name, { ...one, basis: BASES[Math.floor(next() * BASES.length)] ?? 'consent' }] as const,
  );
  return policyOf({
    ...shop,
    purposes: Object.fromEntries(purposes),
    features: shop.features.map((feature) => ({ ...feature, purposes: some() })),
    traits: Object.fromEntries(Object.entries(shop.traits).map(([name, trait]) => [name, { ...trait, purposes: some() }])),
  });
}

/** What one customer did and is. */
export function inputsFrom(next: Chance): DecisionInputs {
  const maybe = <T>(value: T): T | undefined => (next() < 0.2 ? undefined : value);
  const values = {
    ...{ orders: maybe(Math.floor(next() * 12)), spend: maybe(Math.floor(next() * 300)), asked: maybe(Math.floor(next() * 3)) },
    ...{ 'traits.country': maybe(next() < 0.5 ? 'GB' : 'ID'), 'traits.shoe': maybe(Math.floor(next() * 50)) },
  };
  return inputsWith(values, { segments: ['curious', 'regular'].filter(() => next() < 0.5) });
}

/** The same inputs, but what the purpose may not use is that of somebody else. */
export function withOthers(
  inputs: DecisionInputs,
  other: DecisionInputs,
  { policy, purpose }: { readonly policy: Policy; readonly purpose: string },
): DecisionInputs {
  const covers = (purposes: readonly string[] | undefined): boolean => inputs.consent[purpose] === true && purposes?.includes(purpose) === true;
  const isKept = (segment: string): boolean => covers(policy.segmentPurposesOf.get(segment));
  return {
    ...inputs,
    values: inputs.values.map((mine, i) => (covers(policy.purposesOf.get(mine.name)) ? mine : (other.values[i] ?? mine))),
    segments: [...inputs.segments.filter(isKept), ...other.segments.filter((segment) => !isKept(segment))].toSorted(),
  };
}
