import { Activity, type CustomerEvent, Decision, Delivery, ProfileChange, ProfileChangeKind, RejectedEvent } from '@attune/contracts/messages/log/v1/log';
import type { LogRecord } from '@attune/event-log/port';
import { AttuneError } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { entryOfActivity, entryOfChange, entryOfDecision, entryOfDelivery, entryOfRejected } from '../domain/entries-of.ts';
import type { Entry } from '../domain/entry.ts';
import { customerOf, mergeProfiles, type ReadModel } from '../domain/read-model.ts';

export interface ReadOf {
  readonly model: ReadModel;
  readonly ring: KeyRing;
  readonly tenant: string;
}

/** The entries that records tell, in their order, with the offsets. A record that does not decode tells nothing: whoever owns it reports it. @throws AttuneError KEY_UNAVAILABLE while keys cannot be read */
export async function readRecords(
  records: readonly LogRecord[],
  { model, ring, tenant }: ReadOf,
): Promise<readonly { readonly entry: Entry; readonly offset: number }[]> {
  const activities = new Map(records.filter(({ topic }) => topic === 'attune.activity.v1').map((it) => [it, decoded(Activity, it)] as const));
  const unknown = [...activities.values()].flatMap((it) => (it?.record?.$case === 'event' && customerOf(model, it.profileId) === '' ? [it.profileId] : []));
  if (unknown.length > 0) await ring.load(tenant, unknown.map(subjectKey));
  return records.flatMap((record) => {
    const activity = activities.get(record);
    const entry = activity === undefined ? entryOf(record, model) : entryOfActivity(activity, identifierOf(activity, { model, ring, tenant }));
    return entry === undefined ? [] : [{ entry, offset: record.offset }];
  });
}

function entryOf(record: LogRecord, model: ReadModel): Entry | undefined {
  switch (record.headers['type']) {
    case 'attune.log.v1.ProfileChange': {
      const change = record.topic === 'attune.profiles.v1' ? decoded(ProfileChange, record) : undefined;
      if (change?.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_EVENT && change.role !== '') model.roles.set(change.event, change.role);
      if (change?.kind === ProfileChangeKind.PROFILE_CHANGE_KIND_MERGED) mergeProfiles(model, change.profileId, change.mergedInto);
      return change && entryOfChange(change, customerOf(model, change.profileId));
    }
    case 'attune.log.v1.Decision': {
      const decision = record.topic === 'attune.decisions.v1' ? decoded(Decision, record) : undefined;
      return decision && entryOfDecision(decision, customerOf(model, decision.profileId));
    }
    case 'attune.log.v1.Delivery': {
      const delivery = decoded(Delivery, record);
      return delivery && entryOfDelivery(delivery, customerOf(model, delivery.profileId));
    }
    case 'attune.log.v1.RejectedEvent': {
      const rejected = decoded(RejectedEvent, record);
      return rejected && entryOfRejected(rejected, record.headers['id'] ?? `${record.partition}/${record.offset}`);
    }
    default:
      return undefined;
  }
}

/** Opened once a profile: afterwards the model knows. */
function identifierOf({ profileId, record }: Activity, { model, ring, tenant }: ReadOf): string {
  const known = customerOf(model, profileId);
  if (known !== '' || record?.$case !== 'event') return known;
  return opened(record.value, (sealed, id) => ring.open(sealed, { tenant, subject: profileId, id }));
}

function opened({ sealed, messageId }: CustomerEvent, open: (sealed: NonNullable<CustomerEvent['sealed']>, id: string) => Uint8Array): string {
  if (sealed === undefined) return '';
  try {
    const { identifier } = JSON.parse(Buffer.from(open(sealed, messageId)).toString('utf8')) as { identifier?: unknown };
    return typeof identifier === 'string' ? identifier : '';
  } catch (fault) {
    if (fault instanceof AttuneError || fault instanceof SyntaxError) return '';
    throw fault;
  }
}

function decoded<T>(type: { decode(bytes: Uint8Array): T }, { value }: LogRecord): T | undefined {
  try {
    return type.decode(value);
  } catch {
    return undefined;
  }
}
