import type { Emission } from '@attune/processor/definition';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { Folded, Happening } from '../domain/fold-profile.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import type { Transition } from '../domain/watch-segments.ts';
import { type AwaitedHappening, type ChangeCause, eventEmission, transitionEmission } from './profile-changes.ts';

/** What was folded, and when. */
export interface Heard {
  readonly happening: Happening;
  readonly rules: ProfileRules;
  readonly atMs: number;
}

/** The changes that a fold found, in order of time: what time alone did before the record, the event that others wait for, and what the record did. */
export function announced(ring: KeyRing, cause: ChangeCause, folded: Folded, heard: Heard): Emission[] {
  const emissions: Emission[] = [];
  const announce = (transition: Transition): void => {
    emissions.push(transitionEmission(ring, cause, { transition, n: emissions.length }));
  };
  const awaited = awaitedIn(folded, heard);
  for (const transition of folded.transitions) if (transition.byTime) announce(transition);
  if (awaited) emissions.push(eventEmission(cause, awaited, emissions.length));
  for (const transition of folded.transitions) if (!transition.byTime) announce(transition);
  return emissions;
}

function awaitedIn({ fresh, late }: Folded, { happening, rules, atMs }: Heard): AwaitedHappening | undefined {
  if (!fresh || late || happening.kind !== 'event' || happening.call !== 'track') return undefined;
  const awaited = rules.awaited.get(happening.event.name);
  return awaited && { event: happening.event, awaited, atMs };
}
