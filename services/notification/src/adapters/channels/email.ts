import { Readable } from 'node:stream';
import { createTransport } from 'nodemailer';
import { isMailAddress } from '../../domain/mail-address.ts';
import type { Channel, OutgoingMessage, SendResult } from '../../ports.ts';
import { mailOptions, type Sender } from './mail-options.ts';

/** Mail through a server. `smtpUrl`: smtps = TLS from the start; smtp = STARTTLS where the server offers it. */
export interface EmailOptions {
  readonly smtpUrl: string;
  readonly from: Sender;
}

const CONNECT_MS = 5_000;
const SILENCE_MS = 15_000;
const CONNECTIONS_MAX = 4;

/** Sends mail by SMTP. */
export function emailBySmtp({ smtpUrl, from }: EmailOptions): Channel {
  const options = { url: smtpUrl, pool: true, maxConnections: CONNECTIONS_MAX, maxRequeues: 0 } as const;
  const transport = createTransport({ ...options, connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SILENCE_MS });
  // Message-IDs whose body has begun to leave.
  const leaving = new Set<unknown>();
  transport.use('stream', (mail, done) => {
    const open = mail.message.createReadStream.bind(mail.message);
    // The body is read only after the server has asked for it: before that, it surely has nothing.
    mail.message.createReadStream = () => Readable.from(noted(() => leaving.add(mail.data.messageId), open)) as ReturnType<typeof open>;
    done();
  });
  const send = async (message: OutgoingMessage): Promise<SendResult> => {
    if (!isMailAddress(message.to.address)) return { kind: 'refused', reason: 'ADDRESS_REFUSED' };
    const data = mailOptions(message, from);
    try {
      await transport.sendMail(data);
      return { kind: 'sent' };
    } catch (fault) {
      return resultOf(fault as SmtpFault, leaving.has(data.messageId));
    } finally {
      leaving.delete(data.messageId);
    }
  };
  return { name: 'email', send, close: async () => transport.close() };
}

interface SmtpFault {
  readonly responseCode?: number;
  readonly command?: string;
}

/** 5xx is for good, 4xx is for later; without an answer it depends on whether the body had begun to leave. */
function resultOf({ responseCode, command }: SmtpFault, began: boolean): SendResult {
  if (responseCode !== undefined && responseCode >= 500 && command === 'RCPT TO') return { kind: 'refused', reason: 'ADDRESS_REFUSED' };
  if (responseCode !== undefined && responseCode >= 500 && command === 'DATA') return { kind: 'refused', reason: 'MESSAGE_REFUSED' };
  if (began && responseCode === undefined) return { kind: 'unknown' };
  return { kind: 'away' };
}

async function* noted(begins: () => void, open: () => AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  begins();
  yield* open();
}
