import { ValueStatus } from '@attune/contracts/messages/common/v1/common';
import type { DecisionInputs } from '@attune/contracts/messages/log/v1/log';
import { seededRandom } from '@attune/kernel/random';
import { expect, test } from 'vitest';
import { inputsFrom, PURPOSES, policyFrom, withOthers } from '../flows/other-customers.fixture.ts';
import { decisionRecord } from './decision-record.ts';
import { explainDecision } from './explain-decision.ts';
import { shownInputs } from './usable-values.ts';

/** ATTUNE_TEST_CASES=10000 for a long run. */
const CASES = Number(process.env['ATTUNE_TEST_CASES'] ?? 400);
test('whatever is withheld from a campaign’s purpose changes nothing of its decision, nor of what is told of it', () => {
  let interfering = 0;
  for (let seed = 0; seed < CASES; seed++) {
    const next = seededRandom(`case ${seed}`);
    const policy = policyFrom(next);
    const campaign = policy.campaigns[Math.floor(next() * policy.campaigns.length)];
    if (campaign === undefined) throw new Error('the shop has no campaign');
    const consent = Object.fromEntries(PURPOSES.map((purpose) => [purpose, next() < 0.7]));
    const inputs = { ...inputsFrom(next), consent };
    const other = withOthers(inputs, inputsFrom(next), { policy, purpose: campaign.purpose });
    const told = (of: DecisionInputs) => {
      const record = decisionRecord({
        ...{ tenant: 'default', profileId: `p_${seed}`, campaign, policy, inputs: of, cause: `cause ${seed}`, nowMs: 1, position: undefined, hops: 0 },
        ...{
          tallyOf: () => ({ sent: 4, accepted: 1 }),
          hash: (text: string) => text,
          seal: () => ({ keyId: '', nonce: new Uint8Array(), ciphertext: new Uint8Array() }),
        },
      });
      const shown = { ...record, ...shownInputs(of, campaign.purpose, policy) };
      return { shown, sentences: explainDecision({ decision: shown, campaign, identical: true }) };
    };
    expect({ seed, ...told(other) }).toEqual({ seed, ...told(inputs) });
    if (!sameInputs(inputs, other)) interfering++;
  }
  expect(interfering).toBeGreaterThan(CASES / 4);
});

const sameInputs = (a: DecisionInputs, b: DecisionInputs): boolean =>
  a.segments.join() === b.segments.join() &&
  a.values.every(({ status, value }, i) => status === b.values[i]?.status && JSON.stringify(value) === JSON.stringify(b.values[i]?.value));

test('what is withheld is told with no value', () => {
  const policy = policyFrom(() => 0.9); // no value has a purpose
  const shown = shownInputs(
    inputsFrom(() => 0.5),
    'marketing',
    policy,
  );
  expect(new Set(shown.values.map(({ status }) => status))).toEqual(new Set([ValueStatus.VALUE_STATUS_WITHHELD]));
  expect(shown.segments).toEqual([]);
});
