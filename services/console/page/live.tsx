import type { Entry } from '../src/domain/entry.ts';
import { AreaChart, Legend } from './charts.tsx';
import { EntryLine, eventName } from './entry-line.tsx';
import { date } from './format.ts';
import { useHold } from './hooks.ts';
import { type Bucket, days, entries, nowSecond, roles, seconds } from './live-state.ts';
import { goTo } from './route.ts';
import { Card, Empty } from './said.tsx';
import { t } from './words.ts';

const NAMES_MAX = 7;
/** More than a screen: each line costs time to draw, four times a second. */
const LINES_MAX = 60;
const DAY_MS = 86_400_000;
const SPAN_S = 60;

/** What is happening now. */
export function Live({ id }: { readonly id: string }) {
  return (
    <div class="live">
      <div class="column">
        <LastMinute />
        <WholeLog />
      </div>
      <Feed filter={id in FILTERS ? (id as keyof typeof FILTERS) : 'all'} />
    </div>
  );
}

function LastMinute() {
  const byAt = new Map(seconds.value.map((it) => [it.at, it]));
  const last = Array.from({ length: SPAN_S }, (_, i) => nowSecond.value - SPAN_S + i).map((at) => byAt.get(at) ?? { at, counts: {} });
  const { names, buckets } = grouped(last);
  return (
    <Card title={t('eventsNow')} note={t('lastMinute')}>
      <AreaChart buckets={buckets} names={names} label={t('eventsNow')} from="−60 s" to="0 s" />
      {names.length === 0 ? <p class="note">{t('quietMinute')}</p> : <Legend names={names} labelOf={labelOf} />}
    </Card>
  );
}

function WholeLog() {
  const first = days.value[0]?.at;
  const end = days.value.at(-1)?.at;
  if (first === undefined || end === undefined) return null;
  const byAt = new Map(days.value.map((it) => [it.at, it]));
  const { names, buckets } = grouped(Array.from({ length: end - first + 1 }, (_, i) => byAt.get(first + i) ?? { at: first + i, counts: {} }));
  return (
    <Card title={t('eventsYear')} note={t('wholeLog')}>
      <AreaChart buckets={buckets} names={names} label={t('eventsYear')} from={date(first * DAY_MS)} to={date(end * DAY_MS)} />
      <Legend names={names} labelOf={labelOf} />
    </Card>
  );
}

/** The most frequent names, and all others as one. */
function grouped(buckets: readonly Bucket[]): { readonly names: readonly string[]; readonly buckets: readonly Bucket[] } {
  const totals = new Map<string, number>();
  for (const { counts } of buckets) for (const [name, n] of Object.entries(counts)) totals.set(name, (totals.get(name) ?? 0) + n);
  const names = [...totals].sort(([, a], [, b]) => b - a).map(([name]) => name);
  if (names.length <= NAMES_MAX) return { names, buckets };
  const kept = names.slice(0, NAMES_MAX);
  const rest = new Set(names.slice(NAMES_MAX));
  const others = (counts: Bucket['counts']): number => Object.entries(counts).reduce((sum, [name, n]) => (rest.has(name) ? sum + n : sum), 0);
  return { names: [...kept, t('other')], buckets: buckets.map(({ at, counts }) => ({ at, counts: { ...counts, [t('other')]: others(counts) } })) };
}

const labelOf = (name: string): string => (roles.value[name] === undefined ? eventName(name) : `${name} · ${roles.value[name]}`);

const FILTERS = {
  all: () => true,
  kind_event: ({ kind }: Entry) => kind === 'event' || kind === 'consent',
  kind_segment: ({ kind }: Entry) => kind === 'entered' || kind === 'left',
  kind_decided: ({ kind }: Entry) => kind === 'decided',
  kind_delivery: ({ kind }: Entry) => kind === 'delivery',
  kind_rejected: ({ kind }: Entry) => kind === 'rejected',
} as const;

function Feed({ filter }: { readonly filter: keyof typeof FILTERS }) {
  const { shown, behind, holding } = useHold(entries.value, ({ id }) => id);
  const kept = shown.filter(FILTERS[filter]).slice(0, LINES_MAX);
  return (
    <Card title={t('feed')} note={behind > 0 ? t('feedNew', { n: behind }) : undefined} class="feed">
      <fieldset class="filters">
        <legend class="unseen">{t('show')}</legend>
        {(Object.keys(FILTERS) as (keyof typeof FILTERS)[]).map((name) => (
          <button key={name} type="button" aria-pressed={filter === name} onClick={() => goTo('live', name)}>
            {t(name)}
          </button>
        ))}
      </fieldset>
      {kept.length === 0 ? (
        <Empty what={t('feedEmpty')} teach={filter === 'kind_rejected' ? t('noRejected') : t('feedTeach')} />
      ) : (
        <ol class="entries" {...holding} aria-label={t('feed')}>
          {kept.map((entry) => (
            <EntryLine key={entry.id} entry={entry} named />
          ))}
        </ol>
      )}
    </Card>
  );
}
