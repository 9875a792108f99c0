import type { SlotPage, SlotReader, StateStore, StoredState } from '@attune/state-store/port';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aChange, aFullChange, aSlot, bytes, nothing, text } from './state-store-samples.ts';

/** What every store promises to who copies its slots. `makeStore` opens one more store on the same data. */
export function slotReaderContract(name: string, makeStore: () => Promise<StateStore & SlotReader>): void {
  describe(`${name} lets slots be copied:`, () => {
    let store: StateStore & SlotReader;
    beforeEach(async () => {
      store = await makeStore();
    });
    afterEach(() => store.close());

    test('an untouched slot has one empty page and an empty copy', async () => {
      const slot = aSlot();
      expect(await store.page(slot, undefined, 10)).toMatchObject({ states: [], next: undefined });
      expect(await store.copy(slot, ['default:profile:ana'])).toMatchObject({ states: [], emissions: [], skipped: new Map() });
      expect((await store.page(slot, undefined, 10)).watermark).toHaveLength(0);
    });

    test('the pages hold each state with its time, and the watermark that they were read at', async () => {
      const slot = aSlot();
      const many = new Map(Array.from({ length: 1_000 }, (_, i) => [`default:profile:${i}`, bytes(`state ${i}`)]));
      await store.commit(slot, nothing, aChange('1', { states: many, due: new Map([['default:profile:7', 70]]) }));
      const pages = await pagesOf(store, slot);
      expect(pages.length).toBeGreaterThan(1);
      expect(new Set(pages.map(({ watermark }) => text(watermark)))).toEqual(new Set(['1']));
      const found = new Map(pages.flatMap(({ states }) => states).map((one) => [one.key, told(one)]));
      expect(found).toEqual(new Map([...many].map(([key, state]) => [key, [key, text(state), key.endsWith(':7') ? 70 : undefined]])));
    });

    test('another store goes on from the cursor of a page', async () => {
      const slot = aSlot();
      await store.commit(slot, nothing, aChange('1', { states: new Map(Array.from({ length: 600 }, (_, i) => [`default:p:${i}`, bytes('s')])) }));
      const first = await store.page(slot, undefined, 50);
      const other = await makeStore();
      const rest = await pagesOf(other, slot, first.next);
      await other.close();
      expect(new Set([first, ...rest].flatMap(({ states }) => states.map(({ key }) => key))).size).toBe(600);
    });

    test('a copy holds the states asked for that there are, empty ones too, and all of outbox and skip list', async () => {
      const slot = aSlot();
      const { states, ...rest } = aFullChange('1');
      await store.commit(slot, nothing, { ...rest, states: new Map([...states, ['default:profile:empty', nothing]]) });
      const copy = await store.copy(slot, ['default:profile:budi', 'default:profile:nobody', 'default:profile:empty']);
      expect(copy.states.map(told)).toEqual([
        ['default:profile:budi', 'budi 1', 1_000],
        ['default:profile:empty', '', undefined],
      ]);
      expect(text(copy.watermark)).toBe('1');
      expect(copy.emissions.map(({ id, body }) => [id, text(body)])).toEqual([
        ['1-a', 'first'],
        ['1-b', 'second'],
      ]);
      expect(copy.skipped).toEqual(new Map([[7, 'RECORD_SKIPPED']]));
    });
  });
}

const told = ({ key, state, dueAtMs }: StoredState) => [key, text(state), dueAtMs];

async function pagesOf(store: SlotReader, slot: ReturnType<typeof aSlot>, from?: string): Promise<readonly SlotPage[]> {
  const pages: SlotPage[] = [];
  for (let cursor = from; ; ) {
    const page = await store.page(slot, cursor, 100);
    pages.push(page);
    cursor = page.next;
    if (cursor === undefined) return pages;
  }
}
