import type { SegmentRule } from './find-transitions.ts';
import { nextCrossing, type Standstill } from './next-crossing.ts';

/** When time alone changes an answer: at a moment; not up to a moment, after which nobody looked; or never. */
export type NextAnswer = { readonly kind: 'at'; readonly atMs: number } | { readonly kind: 'unchanged'; readonly untilMs: number } | { readonly kind: 'never' };

/** How often a walk that has come to nothing goes on from where it stopped. */
const WALKS_MAX = 8;

/** When time alone makes the segment hold or cease to, where nothing happens to the customer. */
export function nextAnswer(segment: SegmentRule, still: Omit<Standstill, 'segments' | 'holding'>): NextAnswer {
  const holdsAt = (atMs: number): boolean => {
    const features: Record<string, unknown> = { ...still.constant };
    for (const [name, varying] of still.varying) features[name] = varying.valueAt(atMs);
    return segment.rule.evaluate({ features, traits: still.traits }).kind === 'holds';
  };
  const holds = holdsAt(still.nowMs);
  let { nowMs } = still;
  for (let walk = 0; walk < WALKS_MAX; walk++) {
    const atMs = nextCrossing({ ...still, nowMs, segments: [segment], holding: holds ? [segment.name] : [] });
    if (atMs === undefined) return { kind: 'never' };
    if (holdsAt(atMs) !== holds) return { kind: 'at', atMs };
    nowMs = atMs;
  }
  return { kind: 'unchanged', untilMs: nowMs };
}
