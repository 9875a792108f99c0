import { errorTable } from '@attune/kernel/errors';

/** Where the values of a label come from. Each is a closed list: nothing that a sender writes can become a series. */
export interface Label {
  readonly help: string;
  /** `listed`: the values below; `configured`: names of the configuration, given at the start; `program`: names that stand in the program, and numbers of partitions. */
  readonly from: 'listed' | 'configured' | 'program';
  readonly values?: readonly string[];
}

/** What a metric may tell of: `none`, nobody at all; `aggregate`, how many people something happened to, never who. */
export type MetricPrivacy = 'none' | 'aggregate';

/** One metric of the table. */
export interface Metric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** In UCUM: `s`, or what is counted in braces. */
  readonly unit: string;
  readonly help: string;
  readonly labels: readonly LabelName[];
  readonly privacy: MetricPrivacy;
}

const codes = Object.keys(errorTable);

/** Every label that a metric may have. A value that is not on its list is told as `other`. */
export const labels = {
  code: { help: 'A code of docs/errors.md, or OK.', from: 'listed', values: ['OK', ...codes] },
  call: { help: 'The tracking call.', from: 'listed', values: ['track', 'identify', 'page', 'screen', 'group', 'alias', 'batch'] },
  door: { help: 'The way a call came.', from: 'listed', values: ['grpc', 'json'] },
  method: { help: 'Package, service and method of a call.', from: 'program' },
  processor: { help: 'The processor, or the group that follows a topic.', from: 'program' },
  partition: { help: 'Number of the partition.', from: 'program' },
  campaign: { help: 'A campaign of the configuration.', from: 'configured' },
  channel: { help: 'A way to reach people; none where there is none.', from: 'listed', values: ['email', 'none'] },
  outcome: {
    help: 'What a decision, or a reward, came to.',
    from: 'listed',
    values: ['nothing', 'offer', 'message', 'held_out', 'no_consent', 'learnt', 'over_bound', 'unknown_decision', 'expired', 'duplicate'],
  },
  state: { help: 'What was noted of a delivery.', from: 'listed', values: ['intent', 'sent', 'held', 'failed', 'dropped', 'unknown'] },
  reason: {
    help: 'Why a message waits or was not sent; none where it was.',
    from: 'listed',
    values: [
      ...['none', 'NO_CONSENT', 'EXPIRED', 'STOPPED', 'NO_ADDRESS', 'SUPPRESSED', 'PAUSED', 'CAPPED', 'QUIET_HOURS', 'MERGING', 'NO_CHANNEL'],
      ...['CLAIM_WITHOUT_OUTCOME', 'ADDRESS_REFUSED', 'MESSAGE_REFUSED', 'PROVIDER_AWAY', 'PROVIDER_SILENT'],
      ...codes,
    ],
  },
  join: {
    help: 'What became of an identifier: its profile became part of a customer’s, a device was handed on to another customer, or it joins nobody for too many customers or devices.',
    from: 'listed',
    values: ['merged', 'handed_on', 'too_many_customers', 'too_many_devices'],
  },
  result: { help: 'What a provider made of a message.', from: 'listed', values: ['sent', 'refused', 'away', 'unknown'] },
  key: { help: 'What is held of a key: the key, or that it was destroyed or never made.', from: 'listed', values: ['key', 'destroyed', 'absent'] },
} as const satisfies Readonly<Record<string, Label>>;

/** The name of a label. */
export type LabelName = keyof typeof labels;

/** Every metric that a process of Attune tells. */
export const metrics = {
  attune_door_accepted_total: { kind: 'counter', unit: '{event}', help: 'Events let in, once the log has them.', labels: [], privacy: 'aggregate' },
  attune_door_rejected_total: { kind: 'counter', unit: '{event}', help: 'Events not let in.', labels: ['code'], privacy: 'aggregate' },
  attune_door_junk_total: {
    kind: 'counter',
    unit: '{identifier}',
    help: 'Placeholders such as null or guest beside the identifier of a known customer: they join nobody.',
    labels: [],
    privacy: 'aggregate',
  },
  attune_identity_changes_total: {
    kind: 'counter',
    unit: '{identifier}',
    help: 'Identifiers that were joined with a customer, handed on, or quarantined.',
    labels: ['join'],
    privacy: 'aggregate',
  },
  attune_door_request_seconds: { kind: 'histogram', unit: 's', help: 'Time of a tracking call.', labels: ['call', 'code'], privacy: 'none' },
  attune_processor_folded_total: { kind: 'counter', unit: '{record}', help: 'Records folded, once committed.', labels: ['processor'], privacy: 'none' },
  attune_processor_lag_records: {
    kind: 'gauge',
    unit: '{record}',
    help: 'Records that wait to be folded or published.',
    labels: ['processor', 'partition'],
    privacy: 'none',
  },
  attune_processor_oldest_age_seconds: {
    kind: 'gauge',
    unit: 's',
    help: 'Age of the oldest record that is not folded; 0 where none waits.',
    labels: ['processor', 'partition'],
    privacy: 'none',
  },
  attune_processor_commit_seconds: { kind: 'histogram', unit: 's', help: 'Time of a commit of the store.', labels: ['processor'], privacy: 'none' },
  attune_processor_delay_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'From the append of the first record of a commit until that commit stands.',
    labels: ['processor'],
    privacy: 'none',
  },
  attune_processor_publish_refused_total: {
    kind: 'counter',
    unit: '{append}',
    help: 'Appends of emissions that the log did not take; a code that passes is tried again, another stops the partition.',
    labels: ['processor', 'code'],
    privacy: 'none',
  },
  attune_processor_mismatches_total: {
    kind: 'counter',
    unit: '{mismatch}',
    help: 'Steps given up because the store stood elsewhere.',
    labels: ['processor'],
    privacy: 'none',
  },
  attune_processor_set_aside_total: {
    kind: 'counter',
    unit: '{record}',
    help: 'Records that could not be folded.',
    labels: ['processor', 'code'],
    privacy: 'none',
  },
  attune_processor_faults_total: {
    kind: 'counter',
    unit: '{fault}',
    help: 'Times that a partition paused or stopped by a new code.',
    labels: ['processor', 'code'],
    privacy: 'none',
  },
  attune_processor_outbox_waiting: {
    kind: 'gauge',
    unit: '{record}',
    help: 'Emissions that are committed and not yet published.',
    labels: ['processor', 'partition'],
    privacy: 'none',
  },
  attune_processor_due_appended_total: { kind: 'counter', unit: '{record}', help: 'Due records appended.', labels: ['processor'], privacy: 'none' },
  attune_processor_stopped: {
    kind: 'gauge',
    unit: '{partition}',
    help: '1 where the partition does not go on until somebody mends it.',
    labels: ['processor', 'partition'],
    privacy: 'none',
  },
  attune_scoring_decisions_total: { kind: 'counter', unit: '{decision}', help: 'Decisions.', labels: ['campaign', 'outcome'], privacy: 'aggregate' },
  attune_scoring_explored_total: {
    kind: 'counter',
    unit: '{decision}',
    help: 'Decisions drawn by chance instead of by score.',
    labels: ['campaign'],
    privacy: 'aggregate',
  },
  attune_scoring_rewards_total: {
    kind: 'counter',
    unit: '{reward}',
    help: 'Decisions that were learnt from, and rewards that were not counted, by why.',
    labels: ['campaign', 'outcome'],
    privacy: 'aggregate',
  },
  attune_notification_deliveries_total: {
    kind: 'counter',
    unit: '{delivery}',
    help: 'Claims, waits and outcomes noted in the log.',
    labels: ['campaign', 'channel', 'state', 'reason'],
    privacy: 'aggregate',
  },
  attune_notification_send_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'Time that a provider took for a message.',
    labels: ['channel', 'result'],
    privacy: 'none',
  },
  attune_notification_decision_to_send_seconds: {
    kind: 'histogram',
    unit: 's',
    help: 'From the decision until the provider has the message, with the time that it was held.',
    labels: ['channel'],
    privacy: 'none',
  },
  attune_notification_render_seconds: { kind: 'histogram', unit: 's', help: 'Time to render a message.', labels: [], privacy: 'none' },
  attune_rpc_seconds: { kind: 'histogram', unit: 's', help: 'Time of a call served.', labels: ['door', 'method', 'code'], privacy: 'none' },
  attune_keys_held: { kind: 'gauge', unit: '{key}', help: 'Keys of which something is held in memory.', labels: ['key'], privacy: 'aggregate' },
} as const satisfies Readonly<Record<string, Metric>>;

/** The name of a metric. */
export type MetricName = keyof typeof metrics;
/** The names of metrics of one kind. */
export type NameOf<Kind extends Metric['kind']> = { [Name in MetricName]: (typeof metrics)[Name]['kind'] extends Kind ? Name : never }[MetricName];
/** The labels of a metric, all of them. */
export type LabelsOf<Name extends MetricName> = { readonly [Key in (typeof metrics)[Name]['labels'][number]]: string };

/** Bounds of every histogram, in s: from a fold's commit to a message that waited for hours. */
export const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3_600] as const;

/** A value as it may be told: itself where it is on the list of its label, otherwise `other`. */
export function closed(name: LabelName, value: string, configured: ReadonlySet<string>): string {
  const label: Label = labels[name];
  if (label.from === 'configured') return configured.has(value) ? value : OTHER;
  if (label.from === 'program') return PROGRAM_NAME.test(value) ? value : OTHER;
  return label.values?.includes(value) ? value : OTHER;
}

const OTHER = 'other';
const PROGRAM_NAME = /^[\w./-]{1,100}$/;
