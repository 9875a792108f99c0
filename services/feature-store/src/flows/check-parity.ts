import { type NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import { DecisionInputs, ProfileChange } from '@attune/contracts/messages/log/v1/log';
import type { LogBounds } from '@attune/event-log/port';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { identical } from '../domain/identical.ts';
import type { DatasetPorts } from './build-dataset.ts';
import type { DecisionMoment } from './find-decisions.ts';
import { answerOfDecision, type ServedAnswer } from './parity-answers.ts';
import { PROFILES } from './profile-changes.ts';
import { type ReplayWatcher, replayProfiles, type Standing } from './replay-profiles.ts';
import { toldValues } from './served-values.ts';
import { ACTIVITY } from './state-keys.ts';
import { takePlaced } from './take-moments.ts';

/** A value that was served and is another one by the log. */
export interface Mismatch {
  readonly answer: ServedAnswer;
  /** The name of the value; `*` where a decision has a cause that the log does not give. */
  readonly feature: string;
  readonly served: NamedValue | undefined;
  readonly offline: NamedValue | undefined;
}

/** What is compared. */
export interface ParityAsked {
  readonly tenant: string;
  readonly answers: readonly ServedAnswer[];
  readonly decisions: readonly DecisionMoment[];
  readonly bounds: readonly LogBounds[];
  readonly progress?: (records: number) => void;
}

/** What came of it. */
export interface Parity {
  readonly answers: number;
  readonly decisions: number;
  readonly values: number;
  /** Answers about customers who were erased since: nobody can tell any more. */
  readonly erased: number;
  /** By place in the log. */
  readonly mismatches: readonly Mismatch[];
}

/**
 * Folds the log again as it was recorded and reads each profile at the place and moment of each answer: all values must be the same, bit for bit, with status,
 * event time and age. What a transition handed to a decision is compared with what the same transition hands over now. @throws AttuneError LOG_UNAVAILABLE, KEY_UNAVAILABLE
 */
export async function checkParity(ports: DatasetPorts, { tenant, answers, decisions, bounds, progress }: ParityAsked): Promise<Parity> {
  const checking = new Checking(ports.ring, tenant);
  const known = await withoutErased(ports.ring, tenant, answers);
  const asked: ServedAnswer[] = [...known];
  const began = new Map<string, ServedAnswer[]>();
  for (const moment of decisions) {
    const answer = await answerOfDecision(ports.ring, tenant, moment);
    if (answer === undefined) continue;
    checking.decisions++;
    const { cause } = moment.decision;
    if (cause.startsWith(REQUESTED)) asked.push(answer);
    else began.set(cause, [...(began.get(cause) ?? []), answer]);
  }
  const erased = answers.length - known.length + decisions.length - checking.decisions;
  const placed = takePlaced(asked, (answer, standing) => checking.compare(answer, offlineValues(answer, standing)));
  const after: ReplayWatcher['after'] = (_at, { emissions }) => {
    for (const { id, topic, value } of emissions) if (topic === PROFILES) checking.transition(began, id, value);
  };
  await replayProfiles({ ...ports, tenant, bounds, watcher: { ...placed, after }, ...(progress && { progress }) });
  for (const answer of [...began.values()].flat()) checking.mismatches.push({ answer, feature: '*', served: undefined, offline: undefined });
  const mismatches = checking.mismatches.toSorted((a, b) => a.answer.partition - b.answer.partition || a.answer.offset - b.answer.offset);
  return { answers: known.length, decisions: checking.decisions, values: checking.values, erased, mismatches };
}

const REQUESTED = 'request/';

/** What the log says of the values of an answer; `nowMs` as it was served, also where the profile knows more by now. */
export function offlineValues(
  { profileId, atMs, values, purpose, view, ageless }: ServedAnswer,
  { partition, offset, rules, profileOf }: Standing,
): readonly NamedValue[] {
  const profile = profileOf(profileId);
  const names = values.map(({ name }) => name);
  if (profile === undefined) return names.map((name) => ({ name, status: ValueStatus.VALUE_STATUS_NOT_FOUND, value: undefined, eventTimeMs: 0n }));
  const maxAgeMs = view === undefined ? undefined : rules.views.get(view)?.maxAgeMs;
  const stored = { profileId, profile, erasedAtMs: undefined, rules, position: { topic: ACTIVITY, partition, offset: BigInt(offset) }, nowMs: atMs };
  const told = toldValues(stored, { names, purpose, ...(maxAgeMs !== undefined && { maxAgeMs }) });
  return ageless ? told.map(withoutAge) : told;
}

/** As a decision keeps it. */
function withoutAge({ ageMs: _, ...value }: NamedValue): NamedValue {
  return value.status === ValueStatus.VALUE_STATUS_STALE ? { ...value, status: ValueStatus.VALUE_STATUS_PRESENT } : value;
}

class Checking {
  readonly mismatches: Mismatch[] = [];
  values = 0;
  decisions = 0;
  readonly #ring: KeyRing;
  readonly #tenant: string;

  constructor(ring: KeyRing, tenant: string) {
    this.#ring = ring;
    this.#tenant = tenant;
  }

  compare(answer: ServedAnswer, offline: readonly NamedValue[]): void {
    this.values += answer.values.length;
    for (const [i, served] of answer.values.entries())
      if (!identical(served, offline[i])) this.mismatches.push({ answer, feature: served.name, served, offline: offline[i] });
  }

  /** Whether a transition that the replay found began decisions, which then saw what it hands over. */
  transition(began: Map<string, ServedAnswer[]>, id: string, change: Uint8Array): void {
    const answers = began.get(id);
    if (answers === undefined) return;
    began.delete(id);
    const { inputs, profileId } = ProfileChange.decode(change);
    if (inputs === undefined) return;
    const bytes = this.#ring.open(inputs, { tenant: this.#tenant, subject: profileId, id });
    const byName = new Map(DecisionInputs.decode(bytes).values.map((value) => [value.name, value]));
    for (const answer of answers) {
      this.compare(
        answer,
        answer.values.map(({ name }) => byName.get(name) ?? { name, status: 0, value: undefined, eventTimeMs: 0n }),
      );
      if (byName.size !== answer.values.length) this.mismatches.push({ answer, feature: '*', served: undefined, offline: undefined });
    }
  }
}

const KEYS_AT_ONCE = 1_000;

async function withoutErased(ring: KeyRing, tenant: string, answers: readonly ServedAnswer[]): Promise<readonly ServedAnswer[]> {
  const erased = new Set<string>();
  const ids = [...new Set(answers.map(({ profileId }) => profileId))];
  for (let i = 0; i < ids.length; i += KEYS_AT_ONCE) {
    const some = ids.slice(i, i + KEYS_AT_ONCE);
    await ring.load(tenant, some.map(subjectKey));
    for (const id of some) if (ring.isDestroyed(tenant, subjectKey(id))) erased.add(id);
  }
  return answers.filter(({ profileId }) => !erased.has(profileId));
}
