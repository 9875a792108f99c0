import type { Entry } from '../src/domain/entry.ts';
import type { FoundCustomer } from '../src/domain/find-customers.ts';

/** A 64-bit number in protobuf's JSON. */
type Int64 = string;

/** attune.common.v1.NamedValue in JSON: what has its default is absent. */
export interface NamedValue {
  readonly name?: string;
  readonly status?: string;
  readonly value?: {
    readonly number?: number;
    readonly text?: string;
    readonly truth?: boolean;
    readonly money?: { readonly minor?: Int64; readonly currency?: string };
    readonly texts?: { readonly values?: readonly string[] };
    readonly items?: { readonly items?: readonly { readonly id?: string }[] };
  };
  readonly eventTimeMs?: Int64;
}

/** attune.common.v1.Position in JSON. */
export interface Position {
  readonly topic?: string;
  readonly partition?: number;
  readonly offset?: Int64;
}

/** attune.features.v1.GetProfileResponse in JSON. */
export interface Profile {
  readonly profileId?: string;
  readonly features?: readonly NamedValue[];
  readonly traits?: readonly NamedValue[];
  readonly segments?: readonly string[];
  readonly consent?: Readonly<Record<string, boolean>>;
  readonly position?: Position;
  readonly nowMs?: Int64;
  readonly events?: Int64;
}

/** attune.features.v1.SegmentStanding in JSON. */
export interface SegmentStanding {
  readonly name?: string;
  readonly condition?: string;
  readonly purposes?: readonly string[];
  readonly size?: Int64;
  readonly recomputing?: boolean;
}

/** What a condition answers, in JSON. */
export type Truth = 'TRUTH_HOLDS' | 'TRUTH_FAILS' | 'TRUTH_UNKNOWN';

/** attune.features.v1.ConditionPart in JSON. */
export interface ConditionPart {
  readonly depth?: number;
  readonly source?: string;
  readonly answer?: Truth;
  readonly values?: readonly NamedValue[];
  readonly comparison?: { readonly missesBy?: number };
  readonly turnsIf?: Truth | 'TRUTH_UNSPECIFIED';
}

/** attune.features.v1.ExplainSegmentResponse in JSON, as far as the page shows it. */
export interface SegmentExplanation {
  readonly parts?: readonly ConditionPart[];
  readonly changesAtMs?: Int64;
  readonly unchangedUntilMs?: Int64;
}

/** attune.log.v1.Candidate in JSON. */
export interface Candidate {
  readonly offer?: string;
  readonly eligible?: boolean;
  readonly exclusions?: readonly { readonly reason?: string; readonly detail?: string }[];
  readonly valueMinor?: Int64;
  readonly costMinor?: Int64;
  readonly propensity?: number;
  readonly score?: number;
  readonly probability?: number;
}

/** attune.log.v1.Decision in JSON, as far as the page shows it. */
export interface Decision {
  readonly id?: string;
  readonly profileId?: string;
  readonly campaign?: string;
  readonly nowMs?: Int64;
  readonly configurationVersion?: string;
  readonly runtimeVersion?: string;
  readonly values?: readonly NamedValue[];
  readonly candidates?: readonly Candidate[];
  readonly outcome?: string;
  readonly offer?: string;
  readonly message?: string;
  readonly propensity?: number;
  readonly explored?: boolean;
  readonly holdoutPlace?: number;
  readonly holdoutShare?: number;
  readonly purpose?: string;
  readonly segments?: readonly string[];
}

/** attune.scoring.v1.ExplainDecisionResponse in JSON. */
export interface Explanation {
  readonly decision?: Decision;
  readonly identical?: boolean;
  readonly sentences?: readonly string[];
}

/** attune.scoring.v1.CampaignResult in JSON. */
export interface CampaignResult {
  readonly campaign?: string;
  readonly entered?: Int64;
  readonly heldOut?: Int64;
  readonly offered?: Int64;
  readonly messaged?: Int64;
  readonly nothing?: Int64;
  readonly noConsent?: Int64;
  readonly treatedSettled?: Int64;
  readonly treatedReached?: Int64;
  readonly heldOutSettled?: Int64;
  readonly heldOutReached?: Int64;
  readonly offers?: readonly { readonly offer?: string; readonly sent?: Int64; readonly accepted?: Int64; readonly explored?: Int64 }[];
  readonly goalEvent?: string;
  readonly goalWithinMs?: Int64;
  readonly lift?: number;
  readonly liftLow?: number;
  readonly liftHigh?: number;
  readonly arms?: readonly {
    readonly arm?: string;
    readonly assigned?: Int64;
    readonly expected?: number;
    readonly settled?: Int64;
    readonly reached?: Int64;
  }[];
  readonly comparisons?: readonly ArmComparison[];
  readonly sampleRatioP?: number;
  readonly sampleRatioAlarm?: boolean;
}

/** attune.scoring.v1.ArmComparison in JSON. */
export interface ArmComparison {
  readonly arm?: string;
  readonly baseline?: string;
  readonly lift?: number;
  readonly low?: number;
  readonly high?: number;
  readonly p?: number;
  readonly anytimeLow?: number;
  readonly anytimeHigh?: number;
  readonly anytimeP?: number;
}

/** attune.scoring.v1.RecommendResponse in JSON, as far as the page shows it. */
export interface Recommendations {
  readonly items?: readonly { readonly id?: string; readonly title?: string; readonly reason?: string; readonly becauseOf?: string; readonly words?: string }[];
  readonly generation?: Int64;
  readonly history?: string;
}

/** attune.notification.v1.DeliveryResult in JSON. */
export interface DeliveryResult {
  readonly campaign?: string;
  readonly sent?: Int64;
  readonly held?: Int64;
  readonly unknown?: Int64;
  readonly notSent?: Readonly<Record<string, Int64>>;
}

/** attune.notification.v1.MailSummary in JSON. */
export interface MailSummary {
  readonly id?: string;
  readonly profileId?: string;
  readonly decisionId?: string;
  readonly campaign?: string;
  readonly offer?: string;
  readonly to?: string;
  readonly subject?: string;
  readonly language?: string;
  readonly sentAtMs?: Int64;
}

/** attune.notification.v1.GetMailResponse in JSON. */
export interface Mail {
  readonly summary?: MailSummary;
  readonly html?: string;
  readonly text?: string;
  readonly source?: string;
}

/** attune.notification.v1.InboxMessage in JSON. */
export interface InboxMessage {
  readonly id?: string;
  readonly decisionId?: string;
  readonly campaign?: string;
  readonly sentAtMs?: Int64;
  /** Absent = not read yet. */
  readonly readAtMs?: Int64;
  readonly subject?: string;
  readonly text?: string;
}

/** A customer's timeline, newest first. */
export interface Timeline extends FoundCustomer {
  readonly timeline: readonly Entry[];
}

const call = <T>(method: string, request: object): Promise<T> =>
  read<T>(`/attune.${method}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });

/** @throws Error with what the door says and the fix */
export const getProfile = (profileId: string, purpose: string): Promise<Profile> =>
  call('features.v1.FeatureStoreService/GetProfile', { subject: { profileId }, purpose });

/** @throws Error with what the door says and the fix */
export const listSegments = (): Promise<{ readonly segments?: readonly SegmentStanding[] }> => call('features.v1.FeatureStoreService/ListSegments', {});

/** How many are in a segment, and were. @throws Error with what the door says and the fix */
export const getSegmentSize = (
  segment: string,
): Promise<{ readonly sizes?: readonly { readonly fromMs?: Int64; readonly size?: Int64 }[]; readonly spanMs?: Int64 }> =>
  call('features.v1.FeatureStoreService/GetSegmentSize', { segment });

/** A page of who is in a segment. @throws Error with what the door says and the fix */
export const listSegmentMembers = (
  segment: string,
  purpose: string,
  pageToken: string,
): Promise<{ readonly members?: readonly { readonly profileId?: string }[]; readonly withheld?: number; readonly nextPageToken?: string }> =>
  call('features.v1.FeatureStoreService/ListSegmentMembers', { segment, purpose, pageSize: 50, pageToken });

/** Why a customer is in a segment, or is not. @throws Error with what the door says and the fix */
export const explainSegment = (profileId: string, segment: string, purpose: string): Promise<SegmentExplanation> =>
  call('features.v1.FeatureStoreService/ExplainSegment', { subject: { profileId }, segment, purpose });

/** @throws Error with what the door says and the fix */
export const explainDecision = (decisionId: string): Promise<Explanation> => call('scoring.v1.ScoringService/ExplainDecision', { decisionId });

/** Five items for a profile. @throws Error with what the door says and the fix */
export const recommendFor = (profileId: string, { recommender, purpose }: { recommender: string; purpose: string }): Promise<Recommendations> =>
  call('scoring.v1.ScoringService/Recommend', { subject: { profileId }, recommender, purpose, count: 5 });

/** @throws Error with what the door says and the fix */
export const campaignResults = (): Promise<{ readonly campaigns?: readonly CampaignResult[] }> => call('scoring.v1.ScoringService/GetCampaignResults', {});

/** @throws Error with what the door says and the fix */
export const deliveryResults = (): Promise<{ readonly campaigns?: readonly DeliveryResult[] }> =>
  call('notification.v1.NotificationService/GetDeliveryResults', {});

/** @throws Error with what the door says and the fix */
export const listMails = (pageToken = ''): Promise<{ readonly mails?: readonly MailSummary[]; readonly nextPageToken?: string; readonly total?: Int64 }> =>
  call('notification.v1.OutboxService/ListMails', { pageSize: 50, pageToken });

/** @throws Error with what the door says and the fix */
export const getMail = (id: string): Promise<Mail> => call('notification.v1.OutboxService/GetMail', { id });

/** The token of a customer's inbox. @throws Error with what the door says and the fix */
export const openInbox = (profileId: string): Promise<{ readonly token?: string }> =>
  call('notification.v1.NotificationService/OpenInbox', { subject: { profileId } });

/** All that an inbox holds, newest first. @throws Error with what the door says and the fix */
export const listInbox = (token: string): Promise<{ readonly messages?: readonly InboxMessage[]; readonly unread?: number }> =>
  call('notification.v1.NotificationService/ListInbox', { token, pageSize: 50 });

/** @throws Error with what the door says and the fix */
export const markRead = (token: string, ids: readonly string[]): Promise<object> => call('notification.v1.NotificationService/MarkRead', { token, ids });

/** @throws Error with what the door says and the fix */
export const findCustomers = (query: string): Promise<{ readonly customers: readonly FoundCustomer[] }> =>
  read(`/console/api/customers?query=${encodeURIComponent(query)}`);

/** @throws Error with what the door says and the fix */
export const getTimeline = (profileId: string): Promise<Timeline> => read(`/console/api/customers/${encodeURIComponent(profileId)}`);

async function read<T>(path: string, init: RequestInit = {}): Promise<T> {
  const answer = await fetch(path, init);
  if (answer.ok) return (await answer.json()) as T;
  const fault = (await answer.json().catch(() => ({}))) as { readonly message?: string; readonly fix?: string };
  throw new Error(`${fault.message ?? answer.statusText} ${fault.fix ?? ''}`.trim());
}
