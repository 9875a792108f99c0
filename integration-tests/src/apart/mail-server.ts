import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** Places of a dialogue: RCPT TO was said, DATA begins, the mail is there and its 250 not yet said, the 250 was said. */
export const DIALOGUE_PLACES = ['rcpt', 'data', 'taken', 'accepted'] as const;
export type DialoguePlace = (typeof DIALOGUE_PLACES)[number];

/** A mail server on loopback. */
export interface MailServer {
  readonly url: string;
  /** The mails that were taken whole, as they came. */
  readonly mails: readonly string[];
  /** Hears of each place of each dialogue as it is reached, with the mail where it is there; the dialogue rests until it has resolved. */
  onPlace: (place: DialoguePlace, mail?: string) => void | Promise<void>;
  close(): Promise<void>;
}

/** A mail server that keeps what it takes. A mail whose sender ended in mid-body is not taken. */
export async function openMailServer(): Promise<MailServer> {
  const mails: string[] = [];
  const reached = async (place: DialoguePlace, mail?: string): Promise<void> => opened.onPlace(place, mail);
  const take = async (mail: string, done: (fault: null, said: string) => void): Promise<void> => {
    const number = mails.push(mail);
    await reached('taken', mail);
    done(null, String(number));
    setImmediate(() => void reached('accepted', mail));
  };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => void reached('rcpt').then(() => done()),
    onData: (stream, _session, done) =>
      void reached('data')
        .then(() => text(stream))
        .then((mail) => take(mail, done), done),
  });
  server.on('error', () => undefined); // a killed sender resets its connection
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const opened: MailServer = {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    onPlace: () => undefined,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return opened;
}

/** The Message-ID of a mail; empty where it has none. */
export const messageIdOf = (mail: string): string => /^Message-ID: (.+)$/im.exec(mail)?.[1]?.trim() ?? '';

/** The Message-IDs of mails, in their order. */
export const messageIdsOf = (mails: readonly string[]): readonly string[] => mails.map(messageIdOf);
