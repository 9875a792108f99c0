import { useEffect, useState } from 'preact/hooks';

/** What a read has given so far. */
export interface Reading<T> {
  readonly data?: T;
  readonly fault?: string;
}

/** Reads when `key` changes and, where `everyMs` is given, again and again; what was read stays while the next is on its way. */
export function useRead<T>(key: string, read: () => Promise<T>, everyMs?: number): Reading<T> {
  const [state, setState] = useState<Reading<T> & { readonly key: string }>({ key });
  useEffect(() => {
    let open = true;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const step = async (): Promise<void> => {
      const next = await read().then(
        (data): Reading<T> => ({ data }),
        (fault: unknown): Reading<T> => ({ fault: fault instanceof Error ? fault.message : String(fault) }),
      );
      if (!open) return;
      setState({ key, ...next });
      if (everyMs !== undefined) timer = setTimeout(step, everyMs);
    };
    void step();
    return () => {
      open = false;
      clearTimeout(timer);
    };
  }, [key, everyMs]);
  return state.key === key ? state : {};
}

/** A list that stands still while the mouse is on it or the keyboard in it: what to show, how much came since, and what to put on the element. */
export function useHold<T>(items: readonly T[], keyOf: (item: T) => string) {
  const [held, setHeld] = useState<readonly T[] | undefined>(undefined);
  const hold = (): void => setHeld((before) => before ?? items);
  const release = (): void => setHeld(undefined);
  const first = held?.[0];
  const behind = held === undefined ? 0 : first === undefined ? items.length : items.findIndex((it) => keyOf(it) === keyOf(first));
  return {
    shown: held ?? items,
    behind: behind === -1 ? items.length : behind,
    holding: {
      onPointerEnter: ({ pointerType }: PointerEvent) => pointerType === 'mouse' && hold(),
      onPointerLeave: release,
      onFocusIn: hold,
      onFocusOut: release,
    },
  };
}
