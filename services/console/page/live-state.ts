import { signal } from '@preact/signals';
import type { Entry } from '../src/domain/entry.ts';
import type { ConsoleStatus } from '../src/ports.ts';

/** Counts by event name of one second or day. */
export interface Bucket {
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

interface Step {
  readonly nowSecond: number;
  readonly entries: readonly Entry[];
  readonly seconds: readonly Bucket[];
  readonly days: readonly Bucket[];
  readonly roles: Readonly<Record<string, string>>;
}

/** What the process last said of itself; undefined before its first word. */
export const status = signal<ConsoleStatus | undefined>(undefined);

/** Whether the stream is open. */
export const connection = signal<'connecting' | 'open' | 'lost'>('connecting');

/** The newest entries, newest first. */
export const entries = signal<readonly Entry[]>([]);

/** Events by machine second and by UTC day, oldest first. */
export const seconds = signal<readonly Bucket[]>([]);
export const days = signal<readonly Bucket[]>([]);

/** The machine second of the last step. */
export const nowSecond = signal(0);

/** Roles by event name. */
export const roles = signal<Readonly<Record<string, string>>>({});

const ENTRIES_MAX = 200;
const REFUSED_MAX = 50;
const SECONDS_MAX = 60;
const RETRY_MS = 2_000;
const SILENT_MS = 5_000;

/** Follows the stream for ever; when it is lost, tries again until it is back. */
export function follow(): void {
  const source = new EventSource('/console/api/live');
  let heardAt = performance.now();
  const heard = (): void => {
    heardAt = performance.now();
    connection.value = 'open';
  };
  const on = <T>(name: string, take: (data: T) => void): void =>
    source.addEventListener(name, ({ data }: MessageEvent<string>) => {
      heard();
      take(JSON.parse(data) as T);
    });
  on<ConsoleStatus>('status', (data) => {
    status.value = data;
  });
  on<Step>('snapshot', (step) => {
    entries.value = [];
    seconds.value = [];
    days.value = [];
    take(step);
  });
  on<Step>('delta', take);
  const again = (): void => {
    connection.value = 'lost';
    clearInterval(watch);
    source.close();
    setTimeout(follow, RETRY_MS);
  };
  source.addEventListener('error', again);
  const watch = setInterval(() => {
    if (performance.now() - heardAt > SILENT_MS) again();
  }, 1_000);
}

function take(step: Step): void {
  nowSecond.value = step.nowSecond;
  roles.value = step.roles;
  entries.value = newest([...step.entries, ...entries.value]);
  seconds.value = merged(seconds.value, step.seconds).slice(-SECONDS_MAX);
  days.value = merged(days.value, step.days);
}

/** The newest of all, and of what was rejected also older ones: they are few, and what a reader comes for. */
function newest(all: readonly Entry[]): readonly Entry[] {
  const refused = all.slice(ENTRIES_MAX).filter(({ kind }) => kind === 'rejected');
  return [...all.slice(0, ENTRIES_MAX), ...refused.slice(0, REFUSED_MAX)];
}

/** Newer counts of the same stretch take the place of older ones. */
function merged(before: readonly Bucket[], after: readonly Bucket[]): readonly Bucket[] {
  if (after.length === 0) return before;
  const byAt = new Map(before.map((it) => [it.at, it]));
  for (const it of after) byAt.set(it.at, it);
  return [...byAt.values()].sort((a, b) => a.at - b.at);
}
