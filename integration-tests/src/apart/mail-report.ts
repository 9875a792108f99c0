import { DeliveryState } from '@attune/contracts/messages/log/v1/log';
import { type LogFacts, outcomeOf } from './log-facts.ts';
import { messageIdOf } from './mail-server.ts';

/** Mails as the server saw them beside what the log says of them; all by the id of the delivery. */
export interface MailReport {
  /** Mails that left, by how often. */
  readonly sent: ReadonlyMap<string, number>;
  /** How each delivery ended. */
  readonly ends: ReadonlyMap<string, DeliveryState | undefined>;
  readonly promotionsSentTwice: readonly string[];
  readonly serviceSentTwice: readonly string[];
  /** Promotions that nobody knows of whether they left: those the server has, and those it has not. */
  readonly unknown: { readonly seen: readonly string[]; readonly unseen: readonly string[] };
  /** Mails whose delivery did not end as sent or unknown. */
  readonly unexplained: readonly string[];
  /** Customers to whom more than one promotion left. */
  readonly toTwice: readonly string[];
}

const { DELIVERY_STATE_SENT: SENT, DELIVERY_STATE_UNKNOWN: UNKNOWN } = DeliveryState;

/** Lays what a mail server took beside the log. */
export function mailReport(mails: readonly string[], { deliveries }: LogFacts): MailReport {
  const sent = counted(mails.map(deliveryIdIn));
  const ends = new Map([...deliveries].map(([id, notes]) => [id, outcomeOf(notes)]));
  const isPromotion = (id: string): boolean => deliveries.get(id)?.some(({ promotional }) => promotional) ?? false;
  const twice = [...sent].flatMap(([id, copies]) => (copies > 1 ? [id] : []));
  const unknown = [...ends].flatMap(([id, end]) => (end === UNKNOWN ? [id] : []));
  const addressed = counted(mails.filter((mail) => isPromotion(deliveryIdIn(mail))).map((mail) => /^To: (.+)$/im.exec(mail)?.[1] ?? ''));
  return {
    sent,
    ends,
    promotionsSentTwice: twice.filter(isPromotion),
    serviceSentTwice: twice.filter((id) => !isPromotion(id)),
    unknown: { seen: unknown.filter((id) => sent.has(id)), unseen: unknown.filter((id) => !sent.has(id)) },
    unexplained: [...sent.keys()].filter((id) => ends.get(id) !== SENT && ends.get(id) !== UNKNOWN),
    toTwice: [...addressed].flatMap(([to, copies]) => (copies > 1 ? [to] : [])),
  };
}

/** The id of a delivery as its mail carries it; empty where the text is none of Attune's mails. */
export const deliveryIdIn = (mail: string): string => /^<([^@]+)@/.exec(messageIdOf(mail))?.[1] ?? '';

function counted(words: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
