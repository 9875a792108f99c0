import type { Entry } from '../src/domain/entry.ts';
import { dateTime, major, number } from './format.ts';
import { linkTo } from './route.ts';
import { t, tCode } from './words.ts';

const PATHS: Readonly<Record<Entry['kind'], string>> = {
  event: 'M10 10m-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0',
  consent: 'M4.5 10.5l3.5 3.5 7.5-8',
  entered: 'M10 15V5M5.5 9.5L10 5l4.5 4.5',
  left: 'M10 5v10M5.5 10.5L10 15l4.5-4.5',
  decided: 'M10 3.5l6.5 6.5-6.5 6.5L3.5 10z',
  delivery: 'M3.5 5.5h13v9h-13zM3.5 6l6.5 5 6.5-5',
  rejected: 'M5.5 5.5l9 9M14.5 5.5l-9 9',
};

/** One entry of a feed or timeline: icon, time, sentence and the way to its customer and its decision. */
export function EntryLine({ entry, named = false }: { readonly entry: Entry; readonly named?: boolean }) {
  return (
    <li class={`entry ${toneOf(entry)}`}>
      <svg viewBox="0 0 20 20" aria-hidden="true">
        <path d={PATHS[entry.kind]} />
      </svg>
      <div>
        <p>
          {named && entry.profileId !== '' && <a href={linkTo('customers', entry.profileId)}>{who(entry)}</a>} <span>{sentence(entry)}</span>{' '}
          {'decisionId' in entry && entry.decisionId !== '' && (
            <a class="why" href={linkTo('decision', entry.decisionId)} aria-label={`${t('why')}: ${sentence(entry)}`}>
              {t('why')}
            </a>
          )}
        </p>
        {detail(entry) !== '' && <p class="note">{detail(entry)}</p>}
      </div>
      <time class="note num" dateTime={new Date(entry.atMs).toISOString()}>
        {dateTime(entry.atMs)}
      </time>
    </li>
  );
}

/** How a customer is called: by the application's identifier, or by the profile where it is not known. */
export const who = ({ customer, profileId }: { readonly customer: string; readonly profileId: string }): string =>
  customer === '' ? t('someone', { id: profileId.slice(0, 8) }) : customer;

/** What an entry says, in the page's language. */
export function sentence(entry: Entry): string {
  switch (entry.kind) {
    case 'event':
      return eventName(entry.name);
    case 'consent':
      return t('consentChanged', {
        what: Object.entries(entry.purposes)
          .map(([purpose, granted]) => `${granted ? '✓' : '✗'} ${purpose}`)
          .join(', '),
      });
    case 'entered':
    case 'left':
      return t(entry.kind, { segment: entry.segment });
    case 'decided':
      return tCode('out', entry.outcome, { offer: entry.offer, campaign: entry.campaign, message: entry.message });
    case 'delivery':
      return tCode('del', entry.state, { channel: entry.channel, reason: coded(entry.reason), until: entry.untilMs > 0 ? dateTime(entry.untilMs) : '' });
    case 'rejected':
      return t('rejectedWas', { reason: `${coded(entry.code)}${entry.field === '' ? '' : ` (${entry.field})`}` });
  }
}

/** What an event is called: by the application's own name, or what a call without one does. */
export const eventName = (name: string): string => tCode('event', name);

/** A code of a closed list in words; in readable letters where the page has none for it. */
export function coded(code: string): string {
  const words = tCode('code', code);
  return words === code ? code.toLowerCase().replaceAll('_', ' ') : words;
}

function detail(entry: Entry): string {
  if (entry.kind === 'event')
    return [
      ...Object.entries(entry.fields)
        .filter(([name]) => !(name === 'currency' && 'total' in entry.fields))
        .map(([name, value]) => fieldText(name, value)),
      ...(entry.lines > 0 ? [entry.lines === 1 ? t('line') : t('lines', { n: number(entry.lines) })] : []),
    ].join(' · ');
  if (entry.kind === 'decided') return entry.campaign;
  if (entry.kind === 'delivery') return [entry.campaign, entry.offer].filter((it) => it !== '').join(' · ');
  return entry.kind === 'rejected' ? entry.fix : '';
}

/** Amounts of events come in major units of the shop's currency. */
const fieldText = (name: string, value: string | number | boolean): string =>
  name === 'total' && typeof value === 'number' ? major(value) : `${coded(name)} ${value}`;

function toneOf(entry: Entry): string {
  if (entry.kind === 'rejected') return 'bad';
  if (entry.kind === 'delivery') return entry.state === 'SENT' ? 'good' : 'quiet';
  return entry.kind === 'event' || entry.kind === 'consent' ? 'plain' : 'strong';
}
