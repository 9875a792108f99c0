import type { Configuration } from '@attune/configuration/configuration';
import { sharedPurposes } from '@attune/configuration/shared-purposes';
import {
  type GetSegmentSizeRequest,
  GetSegmentSizeResponse,
  type ListSegmentsRequest,
  ListSegmentsResponse,
  SegmentStanding,
} from '@attune/contracts/messages/features/v1/features';
import type { Slot, StateStore } from '@attune/state-store/port';
import type { SegmentRule } from '../domain/find-transitions.ts';
import type { SegmentCount, SegmentCounts } from '../domain/segment-members.ts';
import { addHistories, noHistory, sizesOf } from '../domain/size-history.ts';
import type { ProfileCodec } from '../ports.ts';
import { rulesOfConfiguration } from './active-rules.ts';
import { countsKey, decodeMembers } from './members-state.ts';
import { segmentNamed } from './segment-named.ts';
import { versionKey } from './state-keys.ts';

/** Names the segments with their sizes. */
export type ListSegments = (tenant: string, request: ListSegmentsRequest) => Promise<ListSegmentsResponse>;
/** Says how large a segment is, and was. */
export type GetSegmentSize = (tenant: string, request: GetSegmentSizeRequest) => Promise<GetSegmentSizeResponse>;

/** What reading sizes needs. */
export interface SizePorts {
  readonly store: StateStore;
  readonly partitions: number;
  /** Of the processor `segments`. */
  readonly membersIn: (partition: number) => Slot;
  /** Of the processor `profiles`. */
  readonly slotOf: (partition: number) => Slot;
  readonly codec: Pick<ProfileCodec, 'decode'>;
  readonly configuration: () => Configuration;
}

/** The segments of the configuration of this process, with what is counted over all partitions. @throws AttuneError STORE_UNAVAILABLE */
export const listSegments =
  (ports: SizePorts): ListSegments =>
  async (tenant) => {
    const [counts, recomputing] = await Promise.all([countsOf(ports, tenant), isRecomputing(ports, tenant)]);
    const { segments } = rulesOfConfiguration(ports.configuration());
    const standing = (segment: SegmentRule) => ({ ...standingOf(ports.configuration(), segment, counts.get(segment.name)), recomputing });
    return ListSegmentsResponse.fromPartial({ segments: segments.map(standing) });
  };

/** One of them, with its sizes over time. @throws AttuneError REQUEST_INVALID for one that is not there, STORE_UNAVAILABLE */
export const getSegmentSize =
  (ports: SizePorts): GetSegmentSize =>
  async (tenant, { segment: wanted }) => {
    const segment = segmentNamed(rulesOfConfiguration(ports.configuration()), wanted);
    const [counts, recomputing] = await Promise.all([countsOf(ports, tenant), isRecomputing(ports, tenant)]);
    const count = counts.get(wanted);
    const history = count?.history ?? noHistory;
    return GetSegmentSizeResponse.fromPartial({
      segment: { ...standingOf(ports.configuration(), segment, count), recomputing },
      sizes: sizesOf(history).map(({ fromMs, size }) => ({ fromMs: BigInt(fromMs), size: BigInt(size) })),
      spanMs: BigInt(history.days * DAY_MS),
    });
  };

const DAY_MS = 86_400_000;

function standingOf(configuration: Configuration, { name, rule }: SegmentRule, count: SegmentCount | undefined): SegmentStanding {
  const purposes = [...sharedPurposes(configuration, rule.reads)];
  return SegmentStanding.fromPartial({ name, condition: rule.source ?? '', purposes, size: BigInt(count?.size ?? 0) });
}

/** Whether profiles of any partition are still to be looked at under a definition that has changed. */
async function isRecomputing({ store, partitions, slotOf, codec }: SizePorts, tenant: string): Promise<boolean> {
  const reads = Array.from({ length: partitions }, (_, partition) => store.read(slotOf(partition), [versionKey(tenant)]));
  return (await Promise.all(reads)).some(({ states }) => states[0] !== undefined && codec.decode(states[0]).active?.recomputing === true);
}

/** What each partition counted, together. */
async function countsOf({ store, partitions, membersIn }: SizePorts, tenant: string): Promise<ReadonlyMap<string, SegmentCount>> {
  const reads = Array.from({ length: partitions }, (_, partition) => store.read(membersIn(partition), [countsKey(tenant)]));
  const all = new Map<string, SegmentCount>();
  for (const { states } of await Promise.all(reads)) {
    const counts: SegmentCounts = (states[0] && decodeMembers(states[0]).ledger?.counts) ?? {};
    for (const [name, { size, history }] of Object.entries(counts)) {
      const known = all.get(name);
      all.set(name, known ? { size: known.size + size, history: addHistories(known.history, history) } : { size, history });
    }
  }
  return all;
}
