import type { EventLog } from '@attune/event-log/port';
import { port } from '@attune/runtime/di';
import type { Clock, Stopwatch } from '@attune/runtime/world';

/** Everything that the page's server part needs of the world. */
export const CLOCK = port<Clock>('Clock');
export const EVENT_LOG = port<EventLog>('EventLog');
export const STOPWATCH = port<Stopwatch>('Stopwatch');

/** How far a replay of history has come. */
export interface ReplayStatus {
  /** Business time at its first and last event and now, in ms since 1970. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly atMs: number;
  readonly publishedEvents: number;
  readonly totalEvents: number;
  readonly done: boolean;
}

/** What the page's header and footer tell of the process. */
export interface ConsoleStatus {
  /** Business time, in ms since 1970. */
  readonly clockMs: number;
  /** Present where history is or was replayed. */
  readonly replay?: ReplayStatus;
  /** Mean of the last five seconds. */
  readonly eventsPerSecond: number;
  /** Records that wait to be folded. */
  readonly lag: number;
  readonly rejected: number;
  readonly pid: number;
  /** Names of traits whose values were invented for the demo. */
  readonly madeUp: readonly string[];
  /** Regular expression of the identifiers whose attributes were invented; absent where nobody's were. */
  readonly madeUpOf?: string;
  /** Where mails go; absent = to the outbox of the page. */
  readonly mails?: 'smtp';
  /** Of the program. */
  readonly version: string;
  /** Hash of the configuration in force. */
  readonly configurationVersion?: string;
  /** True where all services run in this process. */
  readonly embedded?: boolean;
  /** Name of the shop. */
  readonly shop: string;
  /** ISO 4217. */
  readonly currency: string;
  /** IANA name; UTC where absent. */
  readonly timeZone?: string;
  /** Units of features by name: `days` and its like, or `money` for amounts in major units of the shop's currency. */
  readonly units?: Readonly<Record<string, string>>;
  /** What features are worked out from, by name. */
  readonly meanings?: Readonly<Record<string, FeatureMeaning>>;
  /** Rules of segments by name, as the configuration has them. */
  readonly rules?: Readonly<Record<string, string>>;
  /** Names of the shop's recommenders. */
  readonly recommenders?: readonly string[];
}

/** How a feature is worked out. */
export interface FeatureMeaning {
  /** Keyword of its kind, such as `count`. */
  readonly kind: string;
  readonly event: string;
  /** The field that it reads; empty where it counts or times events. */
  readonly field: string;
  /** 0 = all time. */
  readonly windowMs: number;
}

/** What the composition tells: counts that it leaves out are the page's own. */
export type ConsoleFacts = Omit<ConsoleStatus, 'eventsPerSecond' | 'rejected'> & Partial<Pick<ConsoleStatus, 'eventsPerSecond' | 'rejected'>>;
