import { type NamedValue, type Value, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import type { Policy, Rule, RuleValues } from './campaign-rules.ts';

/** What one purpose may see of a profile. */
export interface UsableValues {
  /** Values for a rule: segments are absent where one that it asks about is withheld. */
  readonly valuesFor: (rule: Pick<Rule<unknown>, 'segments'>) => RuleValues;
  /** True for a feature, `traits.<name>` or `segments` that consent or purpose keeps from the rule. */
  readonly withheld: (name: string, rule: Pick<Rule<unknown>, 'segments'>) => boolean;
}

/** True when data of the profile may be used for the purpose at all. What is not told counts as denied; a purpose that needs no consent is denied where processing is restricted. */
export const consentAllows = (inputs: Pick<DecisionInputs, 'consent'>, purpose: string, policy: Pick<Policy, 'needsNoConsent'>): boolean =>
  Object.hasOwn(inputs.consent, purpose) ? inputs.consent[purpose] === true : policy.needsNoConsent.has(purpose);

/** Splits a profile into what the purpose may use and what it may not. */
export function usableValues(inputs: DecisionInputs, purpose: string, policy: Policy): UsableValues {
  const allowed = consentAllows(inputs, purpose, policy);
  const covers = (purposes: readonly string[] | undefined): boolean => allowed && purposes?.includes(purpose) === true;
  const coversName = (name: string): boolean => covers(policy.purposesOf.get(name));
  const features: Record<string, unknown> = {};
  const traits: Record<string, unknown> = {};
  const kept = new Set<string>();
  for (const named of inputs.values) {
    if (named.status === ValueStatus.VALUE_STATUS_WITHHELD || !coversName(named.name)) kept.add(named.name);
    else if (named.status === ValueStatus.VALUE_STATUS_PRESENT) {
      const [into, name] = named.name.startsWith(TRAITS) ? [traits, named.name.slice(TRAITS.length)] : [features, named.name];
      into[name] = plainValue(named.value);
    }
  }
  const segmentUsable = (name: string): boolean => covers(policy.segmentPurposesOf.get(name));
  const everySegment = [...policy.segmentPurposesOf.keys()].every(segmentUsable);
  const held = inputs.segments.filter(segmentUsable);
  const segmentsUsable = ({ segments }: Pick<Rule<unknown>, 'segments'>): boolean => (segments === 'all' ? everySegment : segments.every(segmentUsable));
  return {
    valuesFor: (rule) => (segmentsUsable(rule) ? { features, traits, segments: held } : { features, traits }),
    withheld: (name, rule) => (name === 'segments' ? !segmentsUsable(rule) : kept.has(name) || !coversName(name)),
  };
}

/** The profile as the purpose sees it, for answers: values that it may not use have the status WITHHELD and no value; segments that it may not use are left out. */
export function shownInputs(inputs: DecisionInputs, purpose: string, policy: Policy): Pick<DecisionInputs, 'values' | 'segments'> {
  const { withheld } = usableValues(inputs, purpose, policy);
  const shown = (named: NamedValue): NamedValue =>
    withheld(named.name, NO_SEGMENTS) ? { name: named.name, status: ValueStatus.VALUE_STATUS_WITHHELD, value: undefined, eventTimeMs: 0n } : named;
  return { values: inputs.values.map(shown), segments: inputs.segments.filter((name) => !withheld('segments', { segments: [name] })) };
}

const TRAITS = 'traits.';
const NO_SEGMENTS = { segments: [] };

/** A value as conditions read it: money in major units. */
function plainValue(value: Value | undefined): unknown {
  const kind = value?.kind;
  if (kind?.$case === 'money') return Number(kind.value.minor) / 100;
  if (kind?.$case === 'byName') return Object.fromEntries(Object.entries(kind.value.values).map(([name, one]) => [name, plainValue(one)]));
  return kind?.$case === 'texts' || kind?.$case === 'numbers' ? kind.value.values : kind?.value;
}
