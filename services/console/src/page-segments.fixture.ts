import { NamedValue, ValueStatus } from '@attune/contracts/messages/common/v1/common';
import {
  ExplainSegmentRequest,
  ExplainSegmentResponse,
  GetSegmentSizeResponse,
  ListSegmentMembersRequest,
  ListSegmentMembersResponse,
  ListSegmentsResponse,
  PartKind,
  Truth,
} from '@attune/contracts/messages/features/v1/features';
import type { FastifyInstance } from 'fastify';

const DAY_MS = 86_400_000;

/** Rules of the shop, by segment. */
export const rules = { first_timer: 'orders == 1', vip: 'spend_90d >= 1500', lapsing: 'orders >= 3 && days_since_order > 1.5 * usual_gap_days' };

const standing = (name: keyof typeof rules, size: bigint) => ({ name, condition: rules[name], purposes: ['personalise', 'marketing'], size });
const segments = [standing('first_timer', 611n), standing('lapsing', 0n), standing('vip', 87n)];

/** The calls about segments, with answers that stand still. */
export function segmentRoutes(app: FastifyInstance, { nowMs, story }: { readonly nowMs: number; readonly story: boolean }): void {
  const door = (method: string, answer: (body: unknown) => unknown): void =>
    void app.post(`/attune.features.v1.FeatureStoreService/${method}`, async ({ body }) => answer(JSON.parse(String(body))));
  door('ListSegments', () => ListSegmentsResponse.toJSON(ListSegmentsResponse.fromPartial(story ? { segments } : {})));
  door('GetSegmentSize', () => {
    const sizes = Array.from({ length: 60 }, (_, i) => ({
      fromMs: BigInt(nowMs - (60 - i) * DAY_MS),
      size: BigInt(87 + Math.round(40 * Math.sin(i / 9)) * (i < 59 ? 1 : 0)),
    }));
    return GetSegmentSizeResponse.toJSON(GetSegmentSizeResponse.fromPartial({ sizes, spanMs: BigInt(DAY_MS) }));
  });
  door('ListSegmentMembers', (body) => {
    const { pageToken, purpose } = ListSegmentMembersRequest.fromJSON(body);
    const from = pageToken === '' ? 0 : 50;
    const members = Array.from({ length: 20 }, (_, i) => ({ profileId: `p_${from + i}` }));
    return ListSegmentMembersResponse.toJSON({ members, withheld: purpose === 'marketing' ? 3 : 0, nextPageToken: pageToken === '' ? 'second' : '' });
  });
  door('ExplainSegment', (body) => ExplainSegmentResponse.toJSON(explained(ExplainSegmentRequest.fromJSON(body), nowMs)));
}

function explained({ segment, purpose }: ExplainSegmentRequest, nowMs: number): ExplainSegmentResponse {
  const isKnown = purpose !== 'service';
  const number = (name: string, value: number) =>
    isKnown
      ? NamedValue.fromPartial({ name, status: ValueStatus.VALUE_STATUS_PRESENT, value: { kind: { $case: 'number', value } } })
      : NamedValue.fromPartial({ name, status: ValueStatus.VALUE_STATUS_WITHHELD });
  const missing = NamedValue.fromPartial({ name: 'usual_gap_days', status: ValueStatus.VALUE_STATUS_MISSING });
  const leaf = { depth: 1, kind: PartKind.PART_KIND_LEAF };
  const [holds, fails, unknown] = isKnown
    ? [Truth.TRUTH_HOLDS, Truth.TRUTH_FAILS, Truth.TRUTH_UNKNOWN]
    : [Truth.TRUTH_UNKNOWN, Truth.TRUTH_UNKNOWN, Truth.TRUTH_UNKNOWN];
  return ExplainSegmentResponse.fromPartial({
    segment,
    parts: [
      { depth: 0, kind: PartKind.PART_KIND_ALL, source: rules.lapsing, answer: fails },
      { ...leaf, source: 'orders >= 3', answer: holds, values: [number('orders', 7)] },
      {
        ...leaf,
        source: 'days_since_order > 30',
        answer: fails,
        values: [number('days_since_order', 3)],
        comparison: { left: 3, sign: '>', right: 30, missesBy: 27 },
      },
      { ...leaf, source: 'days_since_order > 1.5 * usual_gap_days', answer: unknown, values: [missing] },
    ],
    ...(isKnown && { changesAtMs: BigInt(nowMs + 28 * DAY_MS) }),
  });
}
