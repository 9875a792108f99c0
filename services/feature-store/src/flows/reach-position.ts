import type { Position } from '@attune/contracts/messages/common/v1/common';
import { AttuneError } from '@attune/kernel/errors';
import type { CommitBell, Ear } from '@attune/processor/commit-bell';
import type { Stopwatch } from '@attune/runtime/world';
import type { Profile } from '../domain/profile.ts';
import type { StoredProfile } from './read-stored.ts';
import { ACCEPTED, ACTIVITY, profileKey } from './state-keys.ts';

/** How long a position is waited for, in ms. */
const PATIENCE_MS = 3_000;
const LOOK_AGAIN_MS = 10;
const LOOK_AGAIN_MAX_MS = 80;
/** Between two looks for somebody who is not known yet, whom any commit may bring. */
const LOOK_FOR_A_STRANGER_MS = 2;

/** What waiting needs. */
export interface WaitPorts {
  readonly stopwatch: Stopwatch;
  /** Rings where this process folds profiles; absent where another one does. */
  readonly bell?: CommitBell;
}

/** True once the profile has folded that place of attune.accepted.v1: what one partition accepts reaches a profile in its order, so any leaf may say it. */
export function hasFolded(profile: Profile | undefined, { partition, offset }: { readonly partition: number; readonly offset: number }): boolean {
  for (const { accepted } of profile?.leaves.values() ?? []) if ((accepted.get(partition) ?? -1) >= offset) return true;
  return false;
}

/** Whether profiles that were read know the position: of attune.accepted.v1, the one that was asked for; of attune.activity.v1, those of its partition. */
export function know(stored: Iterable<StoredProfile>, { topic, partition, offset }: Position): boolean {
  const all = [...stored];
  if (topic === ACCEPTED) return all.some(({ profile, erasedAtMs }) => erasedAtMs !== undefined || hasFolded(profile, { partition, offset: Number(offset) }));
  return all.every(({ position }) => position.partition !== partition || position.offset >= offset);
}

/** Checks what a call names as `at_least`. @throws AttuneError REQUEST_INVALID */
export function checkAtLeast({ topic, offset, partition }: Position, subjects: number): void {
  const refuse = (detail: string): never => {
    throw new AttuneError('REQUEST_INVALID', `Field: at_least. ${detail}`);
  };
  if (topic !== ACCEPTED && topic !== ACTIVITY) refuse(`A position in ${ACCEPTED} or ${ACTIVITY} is expected.`);
  if (offset < 0n || partition < 0) refuse('An offset and a partition from 0 on are expected.');
  if (topic === ACCEPTED && subjects !== 1) refuse(`A position in ${ACCEPTED} is one customer's: ask for one subject at a time.`);
}

/** How something is waited for. */
export interface Waiting<Found> {
  readonly look: () => Promise<Found>;
  readonly enough: (found: Found) => boolean;
  /** The profiles whose folding may change what is found; empty where any may. */
  readonly of: (found: Found) => { readonly tenant: string; readonly profileIds: Iterable<string> };
  /** What is said when it took too long. */
  readonly late: string;
}

/** Said to a call that named `at_least`. */
export const AT_LEAST_LATE =
  'The position of at_least is not folded after 3 s. Ask again with it, or without it for what is known now; a position that is not of this subject is never reached.';

/** Looks again until it is enough: as soon as this process has folded more of it, and by itself, more and more seldom. @throws AttuneError DEADLINE_EXCEEDED after 3 s */
export async function untilEnough<Found>({ stopwatch, bell }: WaitPorts, waiting: Waiting<Found>): Promise<Found> {
  const ear = bell?.listen(); // before the first look, so that nothing is folded between a look and listening
  try {
    return await looked(stopwatch, ear, waiting);
  } finally {
    ear?.close();
  }
}

async function looked<Found>(stopwatch: Stopwatch, ear: Ear | undefined, { look, enough, of, late }: Waiting<Found>): Promise<Found> {
  const givenUpAtMs = stopwatch.elapsedMs() + PATIENCE_MS;
  for (let waitMs = LOOK_AGAIN_MS; ; waitMs = Math.min(2 * waitMs, LOOK_AGAIN_MAX_MS)) {
    const found = await look();
    if (enough(found)) return found;
    if (stopwatch.elapsedMs() >= givenUpAtMs) throw new AttuneError('DEADLINE_EXCEEDED', late);
    const { tenant, profileIds } = of(found);
    const keys = Array.from(profileIds, (id) => profileKey(tenant, id));
    if (keys.length > 0) ear?.only(keys);
    else if (ear) await stopwatch.sleep(LOOK_FOR_A_STRANGER_MS);
    await (ear ? ear.heard(stopwatch, waitMs) : stopwatch.sleep(waitMs));
  }
}
