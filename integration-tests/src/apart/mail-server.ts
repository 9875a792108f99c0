import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** Places of a dialogue: RCPT TO was said, DATA begins, the 250 for the mail was written. */
export type DialoguePlace = 'rcpt' | 'data' | 'accepted';

/** A mail server on loopback. */
export interface MailServer {
  readonly url: string;
  /** The mails that were taken whole, as they came. */
  readonly mails: readonly string[];
  /** Hears of each place of each dialogue as it is reached; before the answer, but for `accepted`. */
  onPlace: (place: DialoguePlace) => void;
  close(): Promise<void>;
}

/** A mail server that keeps what it takes. A mail whose sender ended in mid-body is not taken. */
export async function openMailServer(): Promise<MailServer> {
  const mails: string[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: (_address, _session, done) => {
      opened.onPlace('rcpt');
      done();
    },
    onData: (stream, _session, done) => {
      opened.onPlace('data');
      const take = (mail: string): void => {
        done(null, String(mails.push(mail)));
        setImmediate(() => opened.onPlace('accepted'));
      };
      void text(stream).then(take, done);
    },
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

/** The Message-IDs of mails, in their order. */
export const messageIdsOf = (mails: readonly string[]): readonly string[] => mails.map((mail) => /^Message-ID: (.+)$/im.exec(mail)?.[1] ?? '');
