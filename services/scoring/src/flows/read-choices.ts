import { Decision, DecisionOutcome } from '@attune/contracts/messages/log/v1/log';
import type { EventLog, LogRecord } from '@attune/event-log/port';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { type CampaignUnder, choiceMade, type RewardedChoice } from '../domain/off-policy/judged-choices.ts';
import type { OfferTally } from '../domain/weigh-candidates.ts';
import type { Outcomes } from './read-outcomes.ts';
import { recordsOf } from './read-outcomes.ts';
import { DECISIONS } from './records.ts';
import { openIfThere } from './seal-inputs.ts';

/** The choices of one campaign with what they brought, and how many decisions had to be left out. */
export interface CampaignChoices {
  /** Rewarded by 1 where the goal was reached in time, else 0. */
  readonly reached: readonly RewardedChoice[];
  /** The same choices, rewarded by the value of the offer where the goal was reached, less the cost of what was sent; in major units, as they stood then. */
  readonly worth: readonly RewardedChoice[];
  /** Their time for the goal is not over. */
  readonly tooYoung: number;
  /** The customer was erased. */
  readonly erased: number;
  /** Held out under a configuration that the log no longer tells. */
  readonly untold: number;
  /** The first and last moment of these choices, in ms. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Who reads choices, and by what they are judged. */
export interface ChoiceReading {
  readonly log: EventLog;
  readonly ring: KeyRing;
  readonly tenant: string;
  readonly outcomes: Outcomes;
  /** The policy under judgement; its campaign has a goal. */
  readonly judged: CampaignUnder;
  /** The campaign of this name under a version that was active. */
  readonly underVersion: (version: string) => CampaignUnder | undefined;
}

/** Reads the decisions of one campaign and what they brought. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE */
export async function readChoices(reading: ChoiceReading): Promise<CampaignChoices> {
  const found = new Choices(reading);
  for await (const batch of batchesOf(recordsOf(reading.log, DECISIONS, reading.tenant))) {
    const decisions = batch.map((record) => ({ partition: record.partition, decision: Decision.decode(record.value) }));
    const ours = decisions.filter(({ decision }) => decision.campaign === reading.judged.campaign.name);
    await reading.ring.load(
      reading.tenant,
      ours.map(({ decision }) => subjectKey(decision.profileId)),
    );
    for (const { partition, decision } of ours) found.take(partition, decision);
  }
  return found.all();
}

const BATCH = 500;

async function* batchesOf(records: AsyncIterable<LogRecord>): AsyncGenerator<readonly LogRecord[]> {
  let batch: LogRecord[] = [];
  for await (const record of records) {
    batch.push(record);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

class Choices {
  readonly #reading: ChoiceReading;
  readonly #known = new Set<string>();
  readonly #tallies = new Map<number, ReadonlyMap<string, OfferTally>>();
  readonly #reached: RewardedChoice[] = [];
  readonly #worth: RewardedChoice[] = [];
  readonly #left = { tooYoung: 0, erased: 0, untold: 0 };
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = 0;

  constructor(reading: ChoiceReading) {
    this.#reading = reading;
  }

  all(): CampaignChoices {
    return { reached: this.#reached, worth: this.#worth, ...this.#left, fromMs: this.#reached.length === 0 ? 0 : this.#fromMs, toMs: this.#toMs };
  }

  /** The first record of an id counts, as everywhere. */
  take(partition: number, record: Decision): void {
    if (this.#known.has(record.id)) return;
    this.#known.add(record.id);
    const before = this.#tallies.get(partition);
    if (record.counts.length > 0)
      this.#tallies.set(partition, new Map(record.counts.map(({ offer, sent, accepted }) => [offer, { sent: Number(sent), accepted: Number(accepted) }])));
    if (DECIDED.has(record.outcome)) this.#judge(record, (offer) => before?.get(offer) ?? NONE);
  }

  #judge(record: Decision, tallyBefore: (offer: string) => OfferTally): void {
    const { ring, tenant, outcomes, judged, underVersion } = this.#reading;
    const atMs = Number(record.nowMs);
    const untilMs = atMs + (judged.campaign.goal?.withinMs ?? 0);
    if (untilMs >= outcomes.nowMs) {
      this.#left.tooYoung++;
      return;
    }
    const inputs = openIfThere(ring, { tenant, profileId: record.profileId }, record.id, record.inputs);
    const under = () => underVersion(record.configurationVersion);
    const made = inputs && choiceMade({ tenant, record, inputs, tallyBefore, under }, judged);
    if (made === undefined) {
      this.#left[inputs === undefined ? 'erased' : 'untold']++;
      return;
    }
    this.#fromMs = Math.min(this.#fromMs, atMs);
    this.#toMs = Math.max(this.#toMs, atMs);
    const reached = outcomes.did(record.profileId, judged.campaign.goal?.event ?? '', atMs, untilMs);
    const choice = { ...made, unit: outcomes.customerOf(record.profileId) };
    this.#reached.push({ ...choice, reward: reached ? 1 : 0 });
    this.#worth.push({ ...choice, reward: worthOf(record, reached) });
  }
}

const NONE: OfferTally = { sent: 0, accepted: 0 };
const DECIDED: ReadonlySet<DecisionOutcome> = new Set([
  DecisionOutcome.DECISION_OUTCOME_OFFER,
  DecisionOutcome.DECISION_OUTCOME_NOTHING,
  DecisionOutcome.DECISION_OUTCOME_HELD_OUT,
]);
const MINOR = 100;

function worthOf({ candidates, offer }: Decision, reached: boolean): number {
  const sent = candidates.find((candidate) => candidate.offer === offer);
  return sent === undefined ? 0 : ((reached ? Number(sent.valueMinor) : 0) - Number(sent.costMinor)) / MINOR;
}
