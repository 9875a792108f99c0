import { useEffect, useState } from 'preact/hooks';
import { findCustomers, getTimeline, type Timeline } from './api.ts';
import { EntryLine, who } from './entry-line.tsx';
import { dateTime, number } from './format.ts';
import { type Reading, useHold, useRead } from './hooks.ts';
import { Inbox, useInbox } from './inbox.tsx';
import { ProfileCard } from './profile-card.tsx';
import { linkTo } from './route.ts';
import { Card, Empty, Waiting } from './said.tsx';
import { t } from './words.ts';

const REFRESH_MS = 2_000;
const TYPING_MS = 200;

/** Search, and one customer: what is known and what happened. */
export function Customers({ id }: { readonly id: string }) {
  return (
    <div class={`customers ${id === '' ? '' : 'opened'}`}>
      <Search open={id} />
      {id === '' ? (
        <Card title={t('customers')}>
          <Empty what={t('pickCustomer')} teach={t('pickTeach')} />
        </Card>
      ) : (
        <OneCustomer profileId={id} key={id} />
      )}
    </div>
  );
}

function Search({ open }: { readonly open: string }) {
  const [typed, setTyped] = useState('');
  const query = useSettled(typed);
  const { data, fault } = useRead(`found ${query}`, () => findCustomers(query), REFRESH_MS * 2);
  const found = data?.customers ?? [];
  const { shown, holding } = useHold(found, ({ profileId }) => profileId);
  return (
    <search class="card finder">
      <label for="find">{t('search')}</label>
      <input
        id="find"
        type="search"
        autocomplete="off"
        placeholder={t('searchHint')}
        value={typed}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <p class="note" role="status">
        {data === undefined || found.length === 0 ? '' : t(query === '' ? 'newestFound' : 'found', { n: number(found.length) })}
      </p>
      {data === undefined ? (
        <Waiting fault={fault} />
      ) : found.length === 0 ? (
        <Empty what={t('noneFound')} teach={t('noneFoundTeach')} />
      ) : (
        <ul class="found" {...holding}>
          {shown.map((it) => (
            <li key={it.profileId}>
              <a href={linkTo('customers', it.profileId)} aria-current={it.profileId === open ? 'true' : undefined}>
                <b>{who(it)}</b>
                <span class="note num">{dateTime(it.newestMs)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}

function OneCustomer({ profileId }: { readonly profileId: string }) {
  const timeline = useRead(`timeline ${profileId}`, () => getTimeline(profileId), REFRESH_MS);
  const inbox = useInbox(profileId);
  const [tab, setTab] = useState<'timeline' | 'inbox'>('timeline');
  return (
    <div class="column">
      <ProfileCard profileId={profileId} customer={timeline.data?.customer ?? ''} />
      <fieldset class="filters tabs">
        <legend class="unseen">{t('show')}</legend>
        <button type="button" aria-pressed={tab === 'timeline'} onClick={() => setTab('timeline')}>
          {t('timeline')}
        </button>
        <button type="button" aria-pressed={tab === 'inbox'} onClick={() => setTab('inbox')}>
          {t('inbox')}{' '}
          <span class={`count ${inbox.unread > 0 ? 'some' : ''}`} role="status" aria-label={t('inboxUnread', { n: number(inbox.unread) })}>
            {number(inbox.unread)}
          </span>
        </button>
      </fieldset>
      {tab === 'inbox' ? <Inbox {...inbox} /> : <History reading={timeline} />}
    </div>
  );
}

function History({ reading: { data, fault } }: { readonly reading: Reading<Timeline> }) {
  const { shown, behind, holding } = useHold(data?.timeline ?? [], ({ id }) => id);
  return (
    <Card title={t('timeline')} note={behind > 0 ? t('feedNew', { n: behind }) : t('timelineNewest')}>
      {data === undefined ? (
        <Waiting fault={fault} />
      ) : (
        <ol class="entries" {...holding} aria-label={t('timeline')}>
          {shown.map((entry) => (
            <EntryLine key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
    </Card>
  );
}

/** The text once no key was struck for a while. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
