import { systemStopwatch } from '@attune/runtime/world';
import { KeyRing } from '@attune/sealing/key-ring';
import { subjectKey } from '@attune/sealing/port';
import { SqliteKeyStore } from '@attune/sealing/sqlite-key-store';
import { expect, onTestFinished, test } from 'vitest';
import type { OutgoingMessage } from '../../ports.ts';
import { type Outbox, outbox } from './outbox.ts';

const mail = (id: string, profileId = 'p_1'): OutgoingMessage => ({
  tenant: 'default',
  id,
  profileId,
  decisionId: `d_${id}`,
  campaign: 'c',
  offer: '',
  language: 'en',
  promotional: false,
  sentAtMs: 1_700_000_000_000,
  leaf: '',
  to: { address: 'ada@example.com', name: 'Ada' },
  subject: `About ${id}`,
  html: '<p>Hello</p>',
  text: 'Hello',
});

function kept(): { readonly box: Outbox; readonly keys: SqliteKeyStore } {
  const keys = new SqliteKeyStore({ path: ':memory:', secrets: { get: async () => new Uint8Array(32) } });
  const box = outbox({
    isErased: async () => false,
    path: ':memory:',
    ring: new KeyRing(keys, { ...systemStopwatch, elapsedMs: () => (elapsedMs += 100_000) }),
    from: { name: 'Shop', address: 'a@b.example' },
  });
  onTestFinished(() => box.close());
  return { box, keys };
}
let elapsedMs = 0;

test('pages lead from the newest mail to the oldest, each once', async () => {
  const { box } = kept();
  for (const id of ['m1', 'm2', 'm3', 'm2']) expect(await box.send(mail(id))).toEqual({ kind: 'sent' });
  const first = await box.list('default', { pageSize: 2, pageToken: '' });
  const second = await box.list('default', { pageSize: 2, pageToken: first.nextPageToken });
  expect([...first.mails, ...second.mails].map(({ id, subject }) => `${id} ${subject}`)).toEqual(['m3 About m3', 'm2 About m2', 'm1 About m1']);
  expect([first.total, second.nextPageToken]).toEqual([3n, '']);
  await expect(box.list('default', { pageSize: 2, pageToken: "1' OR 1" })).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('a mail is read in full, by its own tenant only', async () => {
  const { box } = kept();
  await box.send(mail('m1'));
  expect((await box.get('default', 'm1')).source).toMatch(/^Subject: About m1\r$/m);
  await expect(box.get('other', 'm1')).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
});

test('what was written to somebody who was erased cannot be read any more, and nothing new is kept', async () => {
  const { box, keys } = kept();
  await box.send(mail('m1', 'p_1'));
  await box.send(mail('m2', 'p_2'));
  await keys.destroy('default', [subjectKey('p_1')]);
  const { mails } = await box.list('default', { pageSize: 0, pageToken: '' });
  expect(mails.map(({ id, to, subject }) => [id, to, subject])).toEqual([
    ['m2', 'ada@example.com', 'About m2'],
    ['m1', '', ''],
  ]);
  await expect(box.get('default', 'm1')).rejects.toMatchObject({ code: 'ERASED' });
  expect(await box.send(mail('m3', 'p_1'))).toEqual({ kind: 'refused', reason: 'MESSAGE_REFUSED' });
});
