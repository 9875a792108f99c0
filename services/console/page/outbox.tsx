import { useEffect, useState } from 'preact/hooks';
import { getMail, listMails, type Mail, type MailSummary } from './api.ts';
import { dateTime, number } from './format.ts';
import { useHold, useRead } from './hooks.ts';
import { status } from './live-state.ts';
import { linkTo } from './route.ts';
import { Card, Empty, Waiting } from './said.tsx';
import { t } from './words.ts';

const REFRESH_MS = 3_000;

/** The mails of a process without a mail server, as they look; with one, where they are. */
export function Outbox({ id }: { readonly id: string }) {
  if (status.value?.mails !== 'smtp') return <Mails id={id} />;
  return (
    <Card title={t('outbox')}>
      <Empty what={t('mailsLeave')} teach={t('mailsLeaveTeach')} />
    </Card>
  );
}

function Mails({ id }: { readonly id: string }) {
  const { data, fault } = useRead('mails', () => listMails(), REFRESH_MS);
  const [older, setOlder] = useState<readonly MailSummary[]>([]);
  const [token, setToken] = useState<string | undefined>(undefined);
  const next = token ?? data?.nextPageToken ?? '';
  const newest = data?.mails ?? [];
  const known = new Set(newest.map((it) => it.id));
  const { shown, behind, holding } = useHold([...newest, ...older.filter((it) => !known.has(it.id))], (it) => it.id ?? '');
  const more = async (): Promise<void> => {
    const page = await listMails(next);
    setOlder((before) => [...before, ...(page.mails ?? [])]);
    setToken(page.nextPageToken ?? '');
  };
  const [first, setFirst] = useState('');
  useEffect(() => setFirst((before) => before || newest[0]?.id || ''), [newest[0]?.id]);
  if (data === undefined || newest.length === 0)
    return <Card title={t('outbox')}>{data === undefined ? <Waiting fault={fault} /> : <Empty what={t('noMails')} teach={t('noMailsTeach')} />}</Card>;
  return (
    <div class={`outbox ${id === '' ? '' : 'opened'}`}>
      <Card
        title={t('outbox')}
        note={behind > 0 ? t('feedNew', { n: behind }) : t('mailsTotal', { n: number(Number(data.total ?? newest.length)) })}
        class="mails"
      >
        <ul class="found" {...holding}>
          {shown.map((it) => (
            <li key={it.id}>
              <a href={linkTo('outbox', it.id)} aria-current={it.id === id ? 'true' : undefined}>
                <b>{it.subject}</b>
                <span class="note">{it.to}</span>
                <span class="note num">{dateTime(Number(it.sentAtMs ?? 0))}</span>
              </a>
            </li>
          ))}
        </ul>
        {next !== '' && (
          <button type="button" onClick={more}>
            {t('more')}
          </button>
        )}
      </Card>
      {id === '' && first === '' ? (
        <Card title={t('look')}>
          <Empty what={t('pickMail')} />
        </Card>
      ) : (
        <OneMail id={id === '' ? first : id} key={id === '' ? first : id} />
      )}
    </div>
  );
}

const LANGUAGES: Readonly<Record<string, string>> = { en: 'English', id: 'Bahasa Indonesia' };
const LOOKS = ['phone', 'desktop', 'text', 'source'] as const;

function OneMail({ id }: { readonly id: string }) {
  const { data, fault } = useRead(`mail ${id}`, () => getMail(id));
  const [look, setLook] = useState<(typeof LOOKS)[number]>('phone');
  if (data === undefined)
    return (
      <Card title={t('look')}>
        <Waiting fault={fault} />
      </Card>
    );
  const { summary = {} } = data;
  return (
    <Card title={summary.subject ?? ''} class="mail">
      <p class="note">
        {t('to')} {summary.to} · {dateTime(Number(summary.sentAtMs ?? 0))} · {summary.campaign} · {LANGUAGES[summary.language ?? ''] ?? summary.language} ·{' '}
        <a href={linkTo('decision', summary.decisionId)}>{t('whySent')}</a>
      </p>
      {status.value?.madeUp.some((it) => it.endsWith('email')) && <p class="note">{t('addressesMadeUp')}</p>}
      <fieldset class="filters">
        <legend class="unseen">{t('look')}</legend>
        {LOOKS.map((it) => (
          <button key={it} type="button" aria-pressed={it === look} onClick={() => setLook(it)}>
            {t(it)}
          </button>
        ))}
      </fieldset>
      <Look mail={data} look={look} />
    </Card>
  );
}

function Look({ mail, look }: { readonly mail: Mail; readonly look: (typeof LOOKS)[number] }) {
  if (look === 'text' || look === 'source') return <pre class="scroll">{look === 'text' ? mail.text : mail.source}</pre>;
  return (
    <div class={`frame ${look}`}>
      <iframe title={t('mailFrame')} sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc={linksBeside(withoutFar(mail.html ?? ''))} />
    </div>
  );
}

/** A mail may name fonts of far servers; the page's policy would refuse them, aloud. */
const withoutFar = (html: string): string => html.replace(/<link\b[^>]*>/gi, '').replace(/@import\s+url\([^)]*\)\s*;?/gi, '');

/** A link of the mail opens beside the page, which keeps what is here; the mail itself runs no script and sends no form. */
const linksBeside = (html: string): string => html.replace(/<head\b[^>]*>/i, (head) => `${head}<base target="_blank">`);
