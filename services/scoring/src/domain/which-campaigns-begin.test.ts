import { type Decision, type DecisionInputs, DecisionOutcome, ProfileChange, ProfileChangeKind } from '@attune/contracts/messages/log/v1/log';
import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { type Chance, inputsFrom, policyFrom, withOthers } from '../flows/other-customers.fixture.ts';
import { answerChange, type CampaignLedger } from './answer-change.ts';
import type { CampaignRule, Policy } from './campaign-rules.ts';
import { newMemory } from './profile-memory.ts';
import { consentAllows } from './usable-values.ts';

/** ATTUNE_TEST_CASES=10000 for a long run. */
const CASES = Number(process.env['ATTUNE_TEST_CASES'] ?? 300);
const STEPS = 6;
const SEGMENTS = ['curious', 'regular'];
const HOUR = 3_600_000;

/** What is found of a customer at one moment: which segment they crossed, if any, and what could be read then. */
interface Step {
  readonly segment: string | undefined;
  readonly entered: boolean;
  readonly inputs: DecisionInputs;
}

function stepsFrom(next: Chance, consent: Readonly<Record<string, boolean>>): readonly Step[] {
  return Array.from({ length: STEPS }, () => ({
    segment: [...SEGMENTS, undefined][Math.floor(next() * 3)],
    entered: next() < 0.7,
    inputs: { ...inputsFrom(next), consent: { ...consent } },
  }));
}

/** The same steps, but what the purpose may not use is that of somebody else: the values, and what segments were crossed that may not be used for it. */
function mixed(mine: readonly Step[], theirs: readonly Step[], of: { readonly policy: Policy; readonly purpose: string }): readonly Step[] {
  const isKept = ({ segment }: Step): boolean =>
    segment !== undefined &&
    consentAllows(mine[0]?.inputs ?? { consent: {} }, of.purpose, of.policy) &&
    of.policy.segmentPurposesOf.get(segment)?.includes(of.purpose) === true;
  return mine.map((step, i) => {
    const other = theirs[i] ?? step;
    const crossed = isKept(step) || isKept(other) ? step : other;
    return { ...crossed, inputs: withOthers(step.inputs, other.inputs, of) };
  });
}

/** The decisions of one campaign that do something, or would: without consent there is nothing but that. */
function begun(steps: readonly Step[], policy: Policy, { name }: CampaignRule): readonly Decision[] {
  const memory = newMemory();
  const ledger: CampaignLedger = { logTimeMs: 0, campaigns: {} };
  return steps.flatMap(({ segment, entered, inputs }, i) => {
    const kind = entered ? ProfileChangeKind.PROFILE_CHANGE_KIND_ENTERED : ProfileChangeKind.PROFILE_CHANGE_KIND_LEFT;
    const position = { topic: 'attune.activity.v1', partition: 0, offset: BigInt(i) };
    const change = ProfileChange.fromPartial({ id: `c${i}`, profileId: 'p_ann', segment: segment ?? '', entered, kind, atMs: BigInt(i * HOUR), position });
    const decisions = answerChange({
      ...{ tenant: 'default', change, policy, memory, ledger, rewarded: () => undefined, open: () => inputs, hash: (text: string) => text },
      seal: () => ({ keyId: '', nonce: new Uint8Array(), ciphertext: new Uint8Array() }),
    });
    return decisions.filter(({ campaign, outcome }) => campaign === name && outcome !== DecisionOutcome.DECISION_OUTCOME_NO_CONSENT);
  });
}

test('what a campaign’s purpose may not use changes neither which of its decisions are taken nor what comes of them', () => {
  let [interfering, beginning] = [0, 0];
  for (let seed = 0; seed < CASES; seed++) {
    const next = seededRandom(`begins ${seed}`);
    const policy = policyFrom(next);
    const campaign = policy.campaigns[Math.floor(next() * policy.campaigns.length)];
    if (campaign === undefined) throw new Error('the shop has no campaign');
    const consent = Object.fromEntries([...policy.needsNoConsent, 'service', 'personalise', 'marketing'].map((purpose) => [purpose, next() < 0.7]));
    const steps = stepsFrom(next, consent);
    const others = mixed(steps, stepsFrom(next, consent), { policy, purpose: campaign.purpose });
    const decisions = begun(steps, policy, campaign);
    expect({ seed, begun: begun(others, policy, campaign) }).toEqual({ seed, begun: decisions });
    if (decisions.length > 0) beginning++;
    if (steps.some(({ segment, entered }, i) => segment !== others[i]?.segment || entered !== others[i]?.entered)) interfering++;
  }
  expect(beginning).toBeGreaterThan(CASES / 8);
  expect(interfering).toBeGreaterThan(CASES / 2);
});
