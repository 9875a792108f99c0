import type { GetProfileRequest, GetProfileResponse, RecordFactRequest, RecordFactResponse } from '@attune/contracts/messages/features/v1/features';
import type { GetMailResponse, ListMailsRequest, ListMailsResponse } from '@attune/contracts/messages/notification/v1/notification';
import type { GetConsentRequest, GetConsentResponse, RecordConsentRequest, RecordConsentResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import type { EventLog, TenantId } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Secrets, Stopwatch } from '@attune/runtime/world';
import type { StateStore } from '@attune/state-store/port';

/** Everything that sending needs of the world. */
export const EVENT_LOG = port<EventLog>('EventLog');
export const STATE_STORE = port<StateStore>('StateStore');
export const CLOCK = port<Clock>('Clock');
export const STOPWATCH = port<Stopwatch>('Stopwatch');
export const SECRETS = port<Secrets>('Secrets');

/** Reads a profile for a purpose. @throws AttuneError SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE */
export type GetProfile = (tenant: TenantId, request: GetProfileRequest) => Promise<GetProfileResponse>;

/** Reads what a customer allows. @throws AttuneError SUBJECT_UNKNOWN, ERASED, STORE_UNAVAILABLE */
export type GetConsent = (tenant: TenantId, request: GetConsentRequest) => Promise<GetConsentResponse>;

/** Records what a customer allows or denies; answers once reads obey it. @throws AttuneError REQUEST_INVALID, SUBJECT_UNKNOWN, LOG_UNAVAILABLE; DEADLINE_EXCEEDED where it stands in the log and is not obeyed yet */
export type RecordConsent = (tenant: TenantId, request: RecordConsentRequest) => Promise<RecordConsentResponse>;

/** Sends what a customer did to the door. @throws AttuneError SUBJECT_UNKNOWN, ERASED, REQUEST_INVALID, LOG_UNAVAILABLE, STORE_UNAVAILABLE */
export type RecordFact = (tenant: TenantId, request: RecordFactRequest) => Promise<RecordFactResponse>;

/** Whether the person of a profile was erased. @throws AttuneError STORE_UNAVAILABLE, SERVICE_UNAVAILABLE */
export type IsErased = (tenant: TenantId, profileId: string) => Promise<boolean>;

/** What a link to unsubscribe says: who takes back consent for which purpose, from which delivery, and the language of the page. Nothing of it is personal. */
export interface UnsubscribeLink {
  readonly tenant: TenantId;
  readonly profileId: string;
  readonly purpose: string;
  readonly deliveryId: string;
  readonly language: string;
}

/** Links that nobody else can make. They do not expire. */
export interface LinkSigner {
  tokenOf(link: UnsubscribeLink): string;
  /** Undefined for a token that was not made here; takes as long for a true one as for a false one of the same length. */
  read(token: string): UnsubscribeLink | undefined;
}

/** Where a customer unsubscribes; undefined where nobody reaches this process. */
export type UnsubscribeUrl = (link: UnsubscribeLink) => string | undefined;

/** A link of a mail that counts its clicks: who got it, by which decision and delivery, which link of the mail it is, counted from 1, and where it leads. */
export interface ClickLink {
  readonly tenant: TenantId;
  readonly profileId: string;
  /** The identifier under which the profile hears of it; empty = its first. */
  readonly leaf: string;
  readonly decisionId: string;
  readonly deliveryId: string;
  readonly campaign: string;
  readonly hops: number;
  readonly place: number;
  /** What the template named: it may hold personal data, and nobody but Attune reads it in the token. */
  readonly target: string;
}

/** Links that nobody else can make or read. They do not expire. */
export interface ClickSealer {
  /** The same link gives the same token. */
  tokenOf(link: ClickLink): string;
  /** Undefined for a token that was not made here. */
  read(token: string): ClickLink | undefined;
}

/** Where a customer clicks; undefined where nobody reaches this process. */
export type ClickUrl = (link: ClickLink) => string | undefined;

/** Whose inbox a token opens, until when in ms since 1970. */
export interface InboxGrant {
  readonly tenant: TenantId;
  readonly profileId: string;
  readonly expiresAtMs: number;
}

/** Tokens of inboxes that nobody else can make. */
export interface InboxGrants {
  tokenOf(grant: InboxGrant): string;
  /** Undefined for a token that was not made here; one that has expired is still read. */
  read(token: string): InboxGrant | undefined;
}

/** One rendered message on its way to one person. */
export interface OutgoingMessage {
  readonly tenant: TenantId;
  /** The delivery: two messages of one id are one message. */
  readonly id: string;
  readonly profileId: string;
  readonly decisionId: string;
  readonly campaign: string;
  readonly offer: string;
  readonly language: string;
  readonly promotional: boolean;
  readonly sentAtMs: number;
  /** The identifier under which the profile hears of the message: a keyed hash. Empty = the profile's first. */
  readonly leaf: string;
  readonly to: { readonly address: string; readonly name: string };
  readonly subject: string;
  readonly html: string;
  readonly text: string;
  /** Of a promotion: where one request ends them. */
  readonly unsubscribeUrl?: string;
}

/** What a provider made of a message. */
export type SendResult =
  | { readonly kind: 'sent' }
  /** It will never take it. `ADDRESS_REFUSED`: nor anything else for this address. */
  | { readonly kind: 'refused'; readonly reason: 'ADDRESS_REFUSED' | 'MESSAGE_REFUSED' }
  /** It surely has nothing of it: try again later. */
  | { readonly kind: 'away' }
  /** It may have it. */
  | { readonly kind: 'unknown' };

/** A way to reach people. Adding one: its file in adapters/channels and its line in adapters/channels/index.ts. */
export interface Channel {
  /** As the configuration writes it. */
  readonly name: string;
  /** True where the same message twice is one message: a send of which nobody knows how it ended may then be done again. */
  readonly repeatable?: boolean;
  /** Hands over one message. Never throws. */
  send(message: OutgoingMessage): Promise<SendResult>;
  close(): Promise<void>;
}

/** The mails of a process without a mail server. */
export interface MailBox {
  /** Newest first, what was erased without its content. @throws AttuneError REQUEST_INVALID for a page token of elsewhere */
  list(tenant: TenantId, request: ListMailsRequest): Promise<ListMailsResponse>;
  /** One mail as it looks. @throws AttuneError REQUEST_INVALID for an unknown id, ERASED */
  get(tenant: TenantId, id: string): Promise<GetMailResponse>;
}

/** What a template may name. */
export interface MessageVariables {
  readonly customer: { readonly name: string };
  readonly shop: { readonly name: string };
  /** Amounts are written as the language writes them, with currency; all empty where the message has no offer. */
  readonly offer: { readonly name: string; readonly value: string; readonly cost: string };
  readonly decision: { readonly id: string };
  /** Empty in messages of service, and where nobody reaches this process. */
  readonly unsubscribe: { readonly url: string };
}

/** A message as people see it. `subject` has no line breaks. */
export interface RenderedMessage {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** The message templates of the shop, compiled. */
export interface Templates {
  /** The wanted language where the template has it, else the shop's first. @throws AttuneError TEMPLATE_INVALID for an unknown template */
  languageOf(template: string, wanted: string | undefined): string;
  /** @throws AttuneError TEMPLATE_INVALID, TEMPLATE_TOO_SLOW */
  render(template: string, language: string, variables: MessageVariables): Promise<RenderedMessage>;
  close(): Promise<void>;
}

/** Words that depend on language, place and currency. */
export interface Locale {
  /** Minute of the day in a zone; an unknown zone is read as UTC. */
  minuteOf(zone: string, atMs: number): number;
  isZone(name: string): boolean;
  /** An amount of minor units as the language writes it. */
  money(minor: number, currency: string, language: string): string;
}

/** Draws the id of an attempt to send. */
export type NewAttempt = () => string;

/** Spreads retries: a number in [0, 1). */
export type Jitter = () => number;
