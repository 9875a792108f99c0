import { DatabaseSync, type SQLOutputValue } from 'node:sqlite';
import { Sealed } from '@attune/contracts/messages/log/v1/log';
import { GetMailResponse, ListMailsResponse, MailSummary } from '@attune/contracts/messages/notification/v1/notification';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import MailComposer from 'nodemailer/lib/mail-composer';
import type { Channel, IsErased, MailBox, OutgoingMessage } from '../../ports.ts';
import { mailOptions, type Sender } from './mail-options.ts';

/** Where the mails of a process without a mail server lie. */
export interface OutboxOptions {
  /** A file, or ':memory:'. */
  readonly path: string;
  readonly ring: KeyRing;
  readonly from: Sender;
  /** The key of somebody who was erased may still be held here for a minute. */
  readonly isErased: IsErased;
}

/** Mails that are kept and shown instead of sent. */
export interface Outbox extends Channel, MailBox {}

const SCHEMA = `
  PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON;
  CREATE TABLE IF NOT EXISTS mails (
    place INTEGER PRIMARY KEY AUTOINCREMENT, tenant TEXT NOT NULL, id TEXT NOT NULL, profile TEXT NOT NULL, decision TEXT NOT NULL, campaign TEXT NOT NULL,
    offer TEXT NOT NULL, language TEXT NOT NULL, promotional INTEGER NOT NULL, sent_at_ms INTEGER NOT NULL, content BLOB NOT NULL, UNIQUE (tenant, id)
  ) STRICT`;
const PAGE = 50;
const PAGE_MAX = 100;

/** Keeps mails in a file of its own, what they say sealed under the key of whom they are for. A mail of a known id changes nothing. */
export function outbox({ path, ring, from, isErased }: OutboxOptions): Outbox {
  const file = new DatabaseSync(path);
  file.exec(SCHEMA);
  const insert = file.prepare(
    `INSERT OR IGNORE INTO mails (tenant, id, profile, decision, campaign, offer, language, promotional, sent_at_ms, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const page = file.prepare('SELECT * FROM mails WHERE tenant = ? AND place < ? ORDER BY place DESC LIMIT ?');
  const one = file.prepare('SELECT * FROM mails WHERE tenant = ? AND id = ?');
  const count = file.prepare('SELECT count(*) AS total FROM mails WHERE tenant = ?');

  const keep = async (message: OutgoingMessage): Promise<void> => {
    const { tenant, id, profileId, decisionId, campaign, offer, language, promotional, sentAtMs, to, subject, html, text, unsubscribeUrl } = message;
    await ring.ensure(tenant, [subjectKey(profileId)]);
    const plain = Buffer.from(JSON.stringify({ to, subject, html, text, unsubscribeUrl }));
    const content = Sealed.encode(ring.seal(subjectKey(profileId), { tenant, subject: profileId, id }, plain)).finish();
    insert.run(tenant, id, profileId, decisionId, campaign, offer, language, promotional ? 1 : 0, sentAtMs, content);
  };
  const opened = (tenant: string, row: Row): OutgoingMessage => {
    const plain = ring.open(Sealed.decode(row.content), { tenant, subject: row.profile, id: row.id });
    const { profile: profileId, decision: decisionId, campaign, offer, language, id } = row;
    const said = JSON.parse(Buffer.from(plain).toString('utf8')) as Pick<OutgoingMessage, 'to' | 'subject' | 'html' | 'text' | 'unsubscribeUrl'>;
    return { tenant, id, profileId, decisionId, campaign, offer, language, promotional: row.promotional === 1, sentAtMs: row.sent_at_ms, leaf: '', ...said };
  };

  const erasedOf = async (tenant: string, rows: readonly Row[]): Promise<ReadonlySet<string>> => {
    const profiles = [...new Set(rows.map(({ profile }) => profile))];
    const erased = await Promise.all(profiles.map((profile) => isErased(tenant, profile)));
    return new Set(profiles.filter((_, place) => erased[place]));
  };

  return {
    name: 'email',
    send: async (message) => {
      try {
        await keep(message);
        return { kind: 'sent' };
      } catch (fault) {
        return codeOf(fault) === 'ERASED' ? { kind: 'refused', reason: 'MESSAGE_REFUSED' } : { kind: 'away' };
      }
    },
    list: async (tenant, { pageSize, pageToken }) => {
      const limit = Math.min(pageSize <= 0 ? PAGE : pageSize, PAGE_MAX);
      const rows = page.all(tenant, placeOf(pageToken), limit + 1).map(rowOf);
      const shown = rows.slice(0, limit);
      await ring.load(
        tenant,
        shown.map(({ profile }) => subjectKey(profile)),
      );
      const erased = await erasedOf(tenant, shown);
      const nextPageToken = rows.length > limit ? String(shown.at(-1)?.place ?? '') : '';
      const total = BigInt(Number(count.get(tenant)?.['total'] ?? 0));
      return ListMailsResponse.fromPartial({
        mails: shown.map((row) => summaryOf(row, erased.has(row.profile) ? undefined : unlessErased(() => opened(tenant, row)))),
        nextPageToken,
        total,
      });
    },
    get: async (tenant, id) => {
      const found = one.get(tenant, id);
      if (found === undefined) throw new AttuneError('REQUEST_INVALID', 'Field: id. There is no mail of this id.');
      const row = rowOf(found);
      if (await isErased(tenant, row.profile)) throw new AttuneError('ERASED');
      await ring.load(tenant, [subjectKey(row.profile)]);
      const mail = opened(tenant, row);
      const source = (await new MailComposer(mailOptions(mail, from)).compile().build()).toString('utf8');
      return GetMailResponse.fromPartial({ summary: summaryOf(row, mail), html: mail.html, text: mail.text, source });
    },
    close: async () => file.close(),
  };
}

interface Row {
  readonly place: number;
  readonly id: string;
  readonly profile: string;
  readonly decision: string;
  readonly campaign: string;
  readonly offer: string;
  readonly language: string;
  readonly promotional: number;
  readonly sent_at_ms: number;
  readonly content: Uint8Array;
}

const rowOf = (row: Record<string, SQLOutputValue>): Row => row as unknown as Row;

const summaryOf = (row: Row, mail: OutgoingMessage | undefined): MailSummary =>
  MailSummary.fromPartial({
    id: row.id,
    profileId: row.profile,
    decisionId: row.decision,
    campaign: row.campaign,
    offer: row.offer,
    language: row.language,
    sentAtMs: BigInt(row.sent_at_ms),
    to: mail?.to.address ?? '',
    subject: mail?.subject ?? '',
  });

function placeOf(token: string): number {
  if (token === '') return Number.MAX_SAFE_INTEGER;
  if (!/^[1-9][0-9]{0,14}$/.test(token)) throw new AttuneError('REQUEST_INVALID', 'Field: page_token. It is none of an answer before.');
  return Number(token);
}

function unlessErased<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (fault) {
    if (codeOf(fault) === 'ERASED') return undefined;
    throw fault;
  }
}
