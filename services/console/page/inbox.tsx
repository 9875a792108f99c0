import { useEffect, useState } from 'preact/hooks';
import { type InboxMessage, listInbox, markRead, openInbox } from './api.ts';
import { dateTime, number } from './format.ts';
import { linkTo } from './route.ts';
import { Card, Empty, Waiting } from './said.tsx';
import { t } from './words.ts';

const RETRY_MS = 2_000;

/** A customer's inbox as it stands. */
export interface InboxReading {
  readonly unread: number;
  /** Undefined before the first answer. */
  readonly messages?: readonly InboxMessage[];
  readonly fault?: string;
  /** Marks messages as read; the stream then says so. */
  readonly mark: (ids: readonly string[]) => Promise<void>;
}

type Read = Omit<InboxReading, 'mark'>;

/** Follows a customer's inbox: its token, its stream, and its messages after each change. */
export function useInbox(profileId: string): InboxReading {
  const [state, setState] = useState<Read>({ unread: 0 });
  useEffect(() => followInbox(profileId, setState), [profileId]);
  const mark = async (ids: readonly string[]): Promise<void> => {
    const { token = '' } = await openInbox(profileId);
    await markRead(token, ids);
  };
  return { ...state, mark };
}

/** Follows until the answer is called; a stream that ended, perhaps with its token, is opened anew. */
function followInbox(profileId: string, set: (read: Read) => void): () => void {
  let open = true;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (fault?: unknown): void => {
    source?.close();
    if (!open) return;
    if (fault instanceof Error) set({ unread: 0, fault: fault.message });
    timer = setTimeout(begin, RETRY_MS);
  };
  const show = async (token: string): Promise<void> => {
    const { messages = [], unread = 0 } = await listInbox(token);
    if (open) set({ unread, messages });
  };
  const begin = async (): Promise<void> => {
    try {
      const { token = '' } = await openInbox(profileId);
      if (!open) return;
      source = new EventSource(`/inbox/live?token=${encodeURIComponent(token)}`);
      source.addEventListener('inbox', () => void show(token).catch(again));
      source.addEventListener('error', () => again());
    } catch (fault) {
      again(fault);
    }
  };
  void begin();
  return () => {
    open = false;
    source?.close();
    clearTimeout(timer);
  };
}

/** The messages that a customer sees in the shop's own app. */
export function Inbox({ unread, messages, fault, mark }: InboxReading) {
  const fresh = (messages ?? []).flatMap(({ id, readAtMs }) => (readAtMs === undefined && id !== undefined ? [id] : []));
  return (
    <Card title={t('inbox')} note={t('inboxUnread', { n: number(unread) })}>
      {messages === undefined ? (
        <Waiting fault={fault} />
      ) : messages.length === 0 ? (
        <Empty what={t('inboxEmpty')} teach={t('inboxTeach')} />
      ) : (
        <>
          {fresh.length > 0 && (
            <button type="button" onClick={() => void mark(fresh)}>
              {t('markAllRead')}
            </button>
          )}
          <ol class="inbox" aria-label={t('inbox')}>
            {messages.map((it) => (
              <Message key={it.id} it={it} mark={mark} />
            ))}
          </ol>
        </>
      )}
    </Card>
  );
}

const Message = ({ it, mark }: { readonly it: InboxMessage; readonly mark: InboxReading['mark'] }) => {
  const isNew = it.readAtMs === undefined;
  return (
    <li class={isNew ? 'unread' : ''}>
      <details onToggle={({ currentTarget }) => void (currentTarget.open && isNew && mark([it.id ?? '']))}>
        <summary>
          <b>{it.subject}</b> {isNew && <span class="badge">{t('inboxNew')}</span>}
        </summary>
        <p class="said">{it.text}</p>
      </details>
      <p class="note">
        {dateTime(Number(it.sentAtMs ?? 0))} · {it.campaign} · <a href={linkTo('decision', it.decisionId)}>{t('whySent')}</a>
      </p>
    </li>
  );
};
