import { Decision } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import type { Emission } from '@attune/processor/definition';

/** The topic of what happened to profiles. */
export const PROFILES = 'attune.profiles.v1';
/** The topic of decisions. */
export const DECISIONS = 'attune.decisions.v1';

/** The topic of rewards; keyed by model. */
export const LEARNING = 'attune.learning.v1';
/** The topic of what models had learnt, state by state. */
export const MODEL_STATES = 'attune.model-states.v1';

/** The headers of a record that holds this message of `attune.log.v1`. */
export const recordHeaders = (message: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/x-protobuf',
  type: `${PACKAGE}${message}`,
});

/** The message of `attune.log.v1` that a record holds; empty for records of others. */
export function typeOf({ headers }: Pick<LogRecord, 'headers'>): string {
  const type = headers['type'] ?? '';
  return type.startsWith(PACKAGE) ? type.slice(PACKAGE.length) : '';
}

/** The header of a decision that says which change of its profile it was made after: partition/offset in attune.profiles.v1. */
export const AFTER = 'after';

/** A decision on its way to its topic: keyed by profile, its own id as that of the record. `after`: the change of the profile that led to it, where one did. */
export const decisionEmission = (tenant: string, decision: Decision, after?: Pick<LogRecord, 'partition' | 'offset'>): Emission => ({
  id: decision.id,
  tenant,
  topic: DECISIONS,
  key: decision.profileId,
  value: Decision.encode(decision).finish(),
  headers: { ...recordHeaders('Decision'), ...(after && { [AFTER]: `${after.partition}/${after.offset}` }) },
});

const PACKAGE = 'attune.log.v1.';
