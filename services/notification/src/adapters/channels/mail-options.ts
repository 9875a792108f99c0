import type { SendMailOptions } from 'nodemailer';
import type { OutgoingMessage } from '../../ports.ts';

/** Who mails come from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** A message as nodemailer wants it. The same message gives the same Message-ID, so that a mail that arrives twice can be told. */
export function mailOptions({ id, to, subject, html, text, unsubscribeUrl, sentAtMs }: OutgoingMessage, { name, address }: Sender): SendMailOptions {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  // RFC 8058: mail programs then show a button of their own and post these words to the link.
  const unsubscribe = unsubscribeUrl === undefined ? {} : { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' };
  return {
    messageId: `<${id}@${domain}>`,
    date: new Date(sentAtMs),
    from: { name: oneLine(name), address },
    to: { name: oneLine(to.name), address: to.address },
    subject: oneLine(subject),
    html,
    text,
    headers: { 'Auto-Submitted': 'auto-generated', ...unsubscribe },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim();
