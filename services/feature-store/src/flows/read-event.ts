import type { CustomerEvent } from '@attune/contracts/messages/log/v1/log';
import type { KeyRing } from '@attune/sealing/key-ring';
import { cutItems } from '../domain/cut-items.ts';
import type { FeatureEvent } from '../domain/features/feature-kind.ts';
import { itemsOf } from '../domain/items-of-event.ts';
import type { ProfileRules } from '../domain/profile-rules.ts';
import { fieldsOfEvent } from './event-fields.ts';

/** How an event was sent: `track` says what happened, `identify` who it is. */
export type Call = 'track' | 'identify' | 'other';

/** An event to read, and what for. */
export interface EventToRead {
  readonly event: CustomerEvent;
  readonly call: Call;
  readonly rules: ProfileRules;
  readonly tenant: string;
  readonly profileId: string;
}

/** The fields of an event that the rules read, and its items where they do. The key must be held. @throws AttuneError KEY_UNAVAILABLE */
export function readEvent(ring: KeyRing, { event, call, rules, tenant, profileId }: EventToRead): Pick<FeatureEvent, 'fields' | 'items'> {
  const fieldsFrom = (openJson: string, wanted: Iterable<string>) => fieldsOfEvent(ring, { event, openJson, wanted, tenant, profileId });
  if (call !== 'track') return { fields: fieldsFrom(event.openJson, call === 'identify' ? rules.traits.keys() : []) };
  const { name, openJson } = event;
  const where = rules.linesOf.get(name);
  const beside = rules.besideItems.get(name);
  const cut = where && beside && cutItems(openJson, where);
  if (cut) return { fields: fieldsFrom(cut.rest, beside), items: cut.items };
  const fields = fieldsFrom(openJson, rules.fieldsOf.get(name) ?? []);
  return where ? { fields, items: itemsOf(fields, where) } : { fields };
}
