import type { FeatureDeclaration, FeatureKindSpec } from '@attune/kernel/feature-kind';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { declarationsOf, type LawEvent, lawEvents, lawMoment, manyEvents, modestEvents } from './feature-cases.ts';
import { sealed } from './sealed.ts';

/** The shape of a kind of feature; its state is the kind's own affair. */
export interface LawfulKind {
  readonly spec: FeatureKindSpec;
  init(): unknown;
  step(state: unknown, event: LawEvent, declaration: FeatureDeclaration): unknown;
  merge(a: unknown, b: unknown, declaration: FeatureDeclaration): unknown;
  read(state: unknown, nowMs: number, declaration: FeatureDeclaration): unknown;
  nextChangeMs?(state: unknown, nowMs: number, declaration: FeatureDeclaration): number | undefined;
  nextSideMs?(state: unknown, nowMs: number, bound: number, declaration: FeatureDeclaration): number | undefined;
  encode(state: unknown): Uint8Array;
  decode(bytes: Uint8Array): unknown;
}

/** The slow and obvious answer, from the events of the declared name alone, in any order. */
export type Oracle = (events: readonly LawEvent[], nowMs: number, declaration: FeatureDeclaration) => unknown;

/** No kind may declare a greater bound of its state, in bytes. */
export const STATE_BYTES_MAX = 131_072;

/** Holds every kind to the laws of the algebra, under each declaration that its spec allows, or those of `declared`. `oracles`: by keyword; a kind without one fails. */
export function featureLaws(kinds: readonly LawfulKind[], oracles: Readonly<Record<string, Oracle>>, declared = declarationsOf): void {
  describe.each(kinds.map((kind) => [kind.spec.keyword, kind] as const))('%s', (keyword, kind) => {
    describe.each(declared(kind.spec).map((declaration) => [declaration.name, frozen(declaration)] as const))('%s', (_, declaration) => {
      orderLaws(kind, declaration);
      stateLaws(kind, declaration);
      timeLaws(kind, declaration, oracles[keyword]);
    });
  });
}

/** A condition cannot be copied, so a declaration is no argument of sealed calls: it is frozen instead. */
function frozen(declaration: FeatureDeclaration): FeatureDeclaration {
  if (declaration.where) Object.freeze(declaration.where);
  return Object.freeze(declaration);
}

/** The state of a fold, one state from step to step, as in the processor. */
const fold = (kind: LawfulKind, events: readonly LawEvent[], declaration: FeatureDeclaration): unknown =>
  events.reduce((state: unknown, event) => kind.step(state, event, declaration), kind.init());

/** The same, every step sealed and given its own copy of the state. */
function sealedFold(kind: LawfulKind, events: readonly LawEvent[], declaration: FeatureDeclaration): unknown {
  return events.reduce((state: unknown, event) => {
    const bytes = kind.encode(state);
    return sealed({
      call: (s: unknown, e: LawEvent) => kind.step(s, e, declaration),
      given: () => [kind.decode(bytes), event],
      mayEdit: 0,
    });
  }, kind.init());
}

function orderLaws(kind: LawfulKind, declaration: FeatureDeclaration): void {
  const bytesOf = (events: readonly LawEvent[]): Uint8Array => kind.encode(fold(kind, events, declaration));
  const merged = (a: unknown, b: unknown): unknown => sealed({ call: (x: unknown, y: unknown) => kind.merge(x, y, declaration), given: () => [a, b] });

  test('a history folded in two parts and merged is the history folded whole', () => {
    fc.assert(
      fc.property(lawEvents, fc.nat(), (events, cut) => {
        const at = cut % (events.length + 1);
        const parts = merged(fold(kind, events.slice(0, at), declaration), fold(kind, events.slice(at), declaration));
        expect(kind.encode(parts)).toEqual(bytesOf(events));
      }),
    );
  });

  test('merge is commutative and associative, and an empty state changes nothing', () => {
    fc.assert(
      fc.property(lawEvents, lawEvents, lawEvents, (...histories) => {
        const [a, b, c] = histories.map((events) => fold(kind, events, declaration));
        expect(kind.encode(merged(a, b))).toEqual(kind.encode(merged(b, a)));
        expect(kind.encode(merged(merged(a, b), c))).toEqual(kind.encode(merged(a, merged(b, c))));
        expect(kind.encode(merged(a, kind.init()))).toEqual(kind.encode(a));
        expect(kind.encode(merged(kind.init(), a))).toEqual(kind.encode(a));
      }),
    );
  });

  test('the order of arrival changes no byte', () => {
    const shuffled = lawEvents.chain((events) =>
      fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length, maxLength: events.length })),
    );
    fc.assert(
      fc.property(shuffled, ([events, others]) => {
        expect(bytesOf(others)).toEqual(bytesOf(events));
      }),
    );
  });
}

function stateLaws(kind: LawfulKind, declaration: FeatureDeclaration): void {
  test('a state outlives its bytes at any point of the history, and the same state gives the same bytes', () => {
    fc.assert(
      fc.property(lawEvents, lawEvents, (before, after) => {
        const state = sealedFold(kind, before, declaration);
        const bytes = sealed({ call: (s: unknown) => kind.encode(s), given: () => [state] });
        const again = sealed({ call: (b: Uint8Array) => kind.decode(b), given: () => [bytes.slice()] });
        expect(again).toEqual(state);
        expect(kind.encode(again)).toEqual(bytes);
        // Here the state is not copied between steps, as in the processor.
        const step = (s: unknown, event: LawEvent): unknown => kind.step(s, event, declaration);
        expect(kind.encode(after.reduce(step, again))).toEqual(kind.encode([...before, ...after].reduce(step, kind.init())));
      }),
    );
  });

  test('bytes of another version and cut bytes are refused', () => {
    const bytes = kind.encode(manyEvents(20, 1).reduce((state: unknown, event) => kind.step(state, event, declaration), kind.init()));
    expect(() => kind.decode(Uint8Array.from([255, ...bytes.slice(1)]))).toThrow('version 255');
    expect(() => kind.decode(bytes.slice(0, -1))).toThrow('cut');
  });

  test.each([1_000, 60_000, 3_600_000, 86_400_000])(
    'the state stays within the bytes that its kind declares after 5,000 large events, one each %i ms',
    (everyMs) => {
      const bound = kind.spec.bytesMax?.(declaration) ?? 0;
      let state = kind.init();
      let largest = 0;
      manyEvents(5_000, everyMs).forEach((event, i) => {
        state = kind.step(state, event, declaration);
        if (i % 500 === 499) largest = Math.max(largest, kind.encode(state).length);
      });
      expect(largest).toBeLessThanOrEqual(bound);
      expect(bound).toBeLessThan(STATE_BYTES_MAX);
    },
  );
}

function timeLaws(kind: LawfulKind, declaration: FeatureDeclaration, oracle: Oracle | undefined): void {
  const readAt = (state: unknown, at: number): unknown => sealed({ call: (s: unknown, t: number) => kind.read(s, t, declaration), given: () => [state, at] });

  test('it answers what a slow reading of the events answers', () => {
    fc.assert(
      fc.property(lawEvents, lawMoment, (events, nowMs) => {
        // With `each` the condition asks about entries: the oracle knows.
        const { event: name, per, each, where } = declaration;
        const own = events.filter(
          (event) => event.name === per || (event.name === name && (each !== undefined || where === undefined || where.holds(event.fields))),
        );
        expect(readAt(sealedFold(kind, events, declaration), nowMs)).toEqual(oracle?.(own, nowMs, declaration));
      }),
      { numRuns: 300 },
    );
  });

  test('by time alone the value changes when it says and not before', () => {
    fc.assert(
      fc.property(modestEvents, lawMoment, fc.double({ min: 0, max: 1, noNaN: true }), (events, nowMs, part) => {
        const state = fold(kind, events, declaration);
        const call = (s: unknown, at: number): number | undefined => kind.nextChangeMs?.(s, at, declaration);
        const changeMs = sealed({ call, given: () => [state, nowMs] });
        const now = readAt(state, nowMs);
        const lastMs = changeMs === undefined ? nowMs + 4e12 : changeMs - 1;
        expect(lastMs).toBeGreaterThanOrEqual(nowMs);
        expect(readAt(state, nowMs + Math.floor(part * (lastMs - nowMs)))).toEqual(now);
        expect(readAt(state, lastMs)).toEqual(now);
        if (changeMs !== undefined) expect(readAt(state, changeMs)).not.toEqual(now);
      }),
    );
  });
  test('the value comes to another side of a bound at the moment that is named, found by walking its changes', () => {
    const readAt = (state: unknown, nowMs: number): number => {
      const reading = kind.read(state, nowMs, declaration) as { readonly value?: unknown };
      return typeof reading.value === 'number' ? reading.value : Number.NaN;
    };
    fc.assert(
      fc.property(modestEvents, lawMoment, fc.nat(60), fc.constantFrom(-1, -0.5, 0, 0.5, 1), (events, nowMs, changes, off) => {
        if (!kind.nextSideMs) return;
        const state = fold(kind, events, declaration);
        const moments = [nowMs];
        for (let atMs: number | undefined = nowMs; moments.length <= WALKED_MAX; moments.push(atMs)) {
          atMs = kind.nextChangeMs?.(state, atMs, declaration);
          if (atMs === undefined) break;
        }
        const bound = readAt(state, moments[Math.min(changes, moments.length - 1)] ?? nowMs) + off;
        const side = Math.sign(readAt(state, nowMs) - bound);
        const found = moments.find((atMs) => !Object.is(Math.sign(readAt(state, atMs) - bound), side));
        const call = (s: unknown, at: number): number | undefined => kind.nextSideMs?.(s, at, bound, declaration);
        const sideMs = sealed({ call, given: () => [state, nowMs] });
        if (sideMs !== undefined) expect(sideMs, 'a next moment is later').toBeGreaterThan(nowMs);
        if (moments.length <= WALKED_MAX || found !== undefined) expect(sideMs).toBe(found);
        else if (sideMs !== undefined) expect(sideMs).toBeGreaterThan(moments.at(-1) ?? nowMs);
      }),
    );
  });
}

/** Changes of a value that are walked; what counts units of time changes without end. */
const WALKED_MAX = 80;
