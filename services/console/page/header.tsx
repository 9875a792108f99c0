import { clock, date, number, percent } from './format.ts';
import { connection, status } from './live-state.ts';
import { linkTo, route } from './route.ts';
import { type Language, language, speak, t } from './words.ts';

const VIEWS = ['live', 'customers', 'segments', 'campaigns', 'outbox'] as const;

/** What the process is doing, and the way to each view. */
export function Header() {
  return (
    <header class="top">
      <div class="bar">
        <h1>
          <Mark /> Attune <span class="shop">{status.value?.shop}</span>
        </h1>
        <Replay />
        <Figures />
        <LanguageSwitch />
      </div>
      <nav aria-label={t('views')}>
        {VIEWS.map((view) => (
          <a key={view} href={linkTo(view)} aria-current={isAt(view) ? 'page' : undefined}>
            {t(view)}
          </a>
        ))}
        {status.value?.embedded && (
          <span class="mode" title={t('embeddedMeans', { pid: status.value.pid })}>
            {t('embedded')}
          </span>
        )}
      </nav>
    </header>
  );
}

const isAt = (view: string): boolean => route.value.view === view || (view === 'customers' && route.value.view === 'decision');

const Mark = () => (
  <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
    <rect width="32" height="32" rx="9" />
    <path d="M6 19c3 0 3-8 6-8s3 12 6 12 3-8 8-8" />
  </svg>
);

function Replay() {
  const replay = status.value?.replay;
  if (replay === undefined) return null;
  const share = replay.totalEvents === 0 ? 1 : replay.publishedEvents / replay.totalEvents;
  const told = t('replayProgress', { done: number(replay.publishedEvents), total: number(replay.totalEvents) });
  return (
    <div class="replay" title={told}>
      <span>{replay.done ? t('replayed') : t('replaying', { date: date(replay.atMs) })}</span>
      <progress max={1} value={share} aria-label={told} />
      <span class="num">{percent(share)}</span>
    </div>
  );
}

function Figures() {
  const now = status.value;
  if (now === undefined) return <p class="figures">{connection.value === 'lost' ? '' : t('connecting')}</p>;
  return (
    <dl class="figures">
      <Figure name={t('perSecond')} value={number(now.eventsPerSecond)} />
      <Figure name={t('lag')} value={number(now.lag)} title={t('lagMeans')} />
      <Figure name={t('rejected')} value={number(now.rejected)} warn={now.rejected > 0} href={linkTo('live', 'kind_rejected')} />
      <Figure name={now.replay === undefined || now.replay.done ? t('clockShop') : t('clockVirtual')} value={clock(now.clockMs)} wide />
    </dl>
  );
}

interface FigureProps {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
  readonly warn?: boolean;
  readonly wide?: boolean;
  /** Where the number is taken apart. */
  readonly href?: string;
}

const Figure = ({ name, value, title, warn, wide, href }: FigureProps) => (
  <div title={title} class={`${warn ? 'warn' : ''} ${wide ? 'wide' : ''}`}>
    <dt>{name}</dt>
    <dd>{href === undefined ? value : <a href={href}>{value}</a>}</dd>
  </div>
);

const LANGUAGES: readonly (readonly [Language, string])[] = [
  ['en', 'English'],
  ['id', 'Bahasa Indonesia'],
];

const LanguageSwitch = () => (
  <fieldset class="switch">
    <legend class="unseen">{t('language')}</legend>
    {LANGUAGES.map(([code, name]) => (
      <button key={code} type="button" lang={code} aria-label={name} aria-pressed={language.value === code} onClick={() => speak(code)}>
        {code}
      </button>
    ))}
  </fieldset>
);
