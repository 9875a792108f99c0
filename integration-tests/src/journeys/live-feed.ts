/** What the page's stream tells of a change of a segment. */
export interface SegmentChange {
  readonly kind: 'entered' | 'left';
  readonly segment: string;
  readonly atMs: number;
}

interface Told {
  readonly entries?: readonly (SegmentChange | { readonly kind: 'event' })[];
  readonly days?: readonly { readonly at: number; readonly counts: Readonly<Record<string, number>> }[];
}

/** The page's stream, read as any application may read it. */
export class LiveFeed {
  readonly #abort = new AbortController();
  /** Changes of segments, in order of arrival. */
  readonly changes: SegmentChange[] = [];
  readonly #days = new Map<number, Readonly<Record<string, number>>>();

  /** Follows from now on, until it is closed or the process ends. */
  constructor(address: string) {
    void this.#follow(address).catch(() => {}); // a killed process ends its stream
  }

  /** How many events of a name the whole log holds, over all days of business time. */
  eventsNamed(name: string): number {
    return [...this.#days.values()].reduce((sum, counts) => sum + (counts[name] ?? 0), 0);
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(address: string): Promise<void> {
    const { body } = await fetch(`${address}/console/api/live`, { signal: this.#abort.signal });
    let rest = '';
    for await (const text of body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const parts = (rest + text).split('\n\n');
      rest = parts.pop() ?? '';
      for (const part of parts) this.#take(JSON.parse(/^data: (.*)$/m.exec(part)?.[1] ?? '{}') as Told);
    }
  }

  #take({ entries = [], days = [] }: Told): void {
    for (const entry of entries.toReversed()) if (entry.kind !== 'event' && 'segment' in entry) this.changes.push(entry);
    for (const { at, counts } of days) this.#days.set(at, counts);
  }
}
