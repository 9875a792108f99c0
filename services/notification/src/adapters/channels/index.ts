import type { KeyRing } from '@attune/sealing/key-ring';
import type { Channel, IsErased } from '../../ports.ts';
import { emailBySmtp } from './email.ts';
import { inboxChannel } from './inbox.ts';
import type { Sender } from './mail-options.ts';
import { type Outbox, outbox } from './outbox.ts';

/** What channels are made of. */
export interface ChannelOptions {
  readonly ring: KeyRing;
  readonly from: Sender;
  /** A mail server; absent = mails stay in the file of `outboxPath`. */
  readonly smtpUrl?: string;
  readonly outboxPath: string;
  readonly isErased: IsErased;
}

/** Every channel by its name, and the outbox where mails stay in this process. */
export interface Channels {
  readonly byName: ReadonlyMap<string, Channel>;
  readonly outbox: Outbox | undefined;
}

/** The channels of this process. */
export function channelsOf({ ring, from, smtpUrl, outboxPath, isErased }: ChannelOptions): Channels {
  const kept = smtpUrl === undefined ? outbox({ path: outboxPath, ring, from, isErased }) : undefined;
  const email = kept ?? emailBySmtp({ smtpUrl: smtpUrl ?? '', from });
  return { byName: new Map([email, inboxChannel()].map((channel) => [channel.name, channel])), outbox: kept };
}
