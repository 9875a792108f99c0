import type { Configuration, Label, Moments, View } from '@attune/configuration/configuration';
import { AttuneError } from '@attune/kernel/errors';
import { unitHash } from '@attune/kernel/hash';
import { consentOf } from '../domain/consent.ts';
import type { Cell, CellType, DatasetColumn } from '../ports.ts';
import { type CellStatus, cellOf, statusOf } from './dataset-cells.ts';
import type { AskedValues } from './features-asked.ts';
import { findDecisions } from './find-decisions.ts';
import type { ReplayWatcher, Standing } from './replay-profiles.ts';
import { toldValues } from './served-values.ts';
import { ACTIVITY } from './state-keys.ts';
import { type Moment, takeMoments, takePlaced } from './take-moments.ts';

/** Which dataset. */
export interface DatasetAsked {
  readonly tenant: string;
  readonly configuration: Configuration;
  /** The text of the configuration. */
  readonly document: string;
  readonly label: Label;
  readonly view: View;
  readonly purpose: string;
  readonly moments: Moments;
  /** True: each record is folded under the configuration of its time, as it was live; else all under the one given. */
  readonly asRecorded: boolean;
  readonly fromMs?: number;
  /** Moments before it only. */
  readonly toMs?: number;
  /** The share of customers that is taken, drawn by `seed`. */
  readonly share: number;
  readonly seed: string;
  readonly rowsMax: number;
  /** How far each partition is read; absent = as far as the log reaches. */
  readonly endOffsets?: readonly number[];
  readonly progress?: (done: number, total: number) => void;
}

/** Moments that gave no row, by why. */
export interface LeftOut {
  /** Consent did not allow the purpose at the moment, or does not by the end of the log. */
  withoutConsent: number;
  withdrawnSince: number;
  erased: number;
  /** The time of the label was not over at the end of the log. */
  tooRecent: number;
}

/** A row without its label yet. */
export interface Taken {
  readonly profileId: string;
  readonly atMs: number;
  readonly partition: number;
  readonly offset: number;
  readonly decisionId: string;
  readonly values: readonly Cell[];
}

/** Which row is which: profile, moment and the place in attune.activity.v1 up to which it knows. */
const PLACE: readonly DatasetColumn[] = [
  { name: 'profile_id', type: 'text' },
  { name: 'at', type: 'time' },
  { name: 'partition', type: 'whole' },
  { name: 'offset', type: 'whole' },
];

/** The columns of a dataset, in order. */
export function columnsOf({ label, view, moments, configuration }: Pick<DatasetAsked, 'label' | 'view' | 'moments' | 'configuration'>): DatasetColumn[] {
  const decision: DatasetColumn[] = moments.kind === 'decisions' ? [{ name: 'decision_id', type: 'text' }] : [];
  const values = view.features.map((name): DatasetColumn => ({ name, type: typeOf(configuration, name) }));
  return [...PLACE, ...decision, ...values, { name: label.name, type: 'number' }];
}

function typeOf({ valueTypes }: Configuration, name: string): CellType {
  return valueTypes.get(name) ?? valueTypes.get(name.slice(0, name.indexOf('.') + 1)) ?? 'json';
}

/** A row in the order of the columns. */
export function cellsOf({ profileId, atMs, partition, offset, decisionId, values }: Taken, { moments }: DatasetAsked, label: number): Cell[] {
  return [profileId, atMs, partition, offset, ...(moments.kind === 'decisions' ? [decisionId] : []), ...values, label];
}

/** By moment, then profile, then place. */
export const byMoment = (a: Taken, b: Taken): number =>
  a.atMs - b.atMs || (a.profileId === b.profileId ? a.offset - b.offset || (a.decisionId < b.decisionId ? -1 : 1) : a.profileId < b.profileId ? -1 : 1);

/** Takes rows while the log is replayed. */
export class GatheredRows {
  readonly taken: Taken[] = [];
  readonly leftOut: LeftOut = { withoutConsent: 0, withdrawnSince: 0, erased: 0, tooRecent: 0 };
  readonly #asked: DatasetAsked;
  readonly #values: AskedValues;
  readonly #types: readonly CellType[];
  readonly #lastMomentMs: number;
  readonly #statusOf = new Map<Taken, readonly CellStatus[]>();

  constructor(asked: DatasetAsked, lastMomentMs: number) {
    const { view, purpose, configuration } = asked;
    this.#asked = asked;
    this.#lastMomentMs = lastMomentMs;
    this.#values = { names: view.features, purpose, ...(view.maxAgeMs !== undefined && { maxAgeMs: view.maxAgeMs }) };
    this.#types = view.features.map((name) => typeOf(configuration, name));
  }

  /** Finds the decisions first, where they are the moments. @throws AttuneError LOG_UNAVAILABLE */
  async watcher(log: Parameters<typeof findDecisions>[0]): Promise<ReplayWatcher> {
    const { moments, fromMs = 0, toMs = Number.POSITIVE_INFINITY } = this.#asked;
    const take = (moment: Moment, standing: Standing, decisionId = ''): void => this.#take(moment, standing, decisionId);
    if (moments.kind !== 'decisions') return takeMoments(moments, { fromMs, untilMs: moments.kind === 'every' ? this.#lastMomentMs : toMs - 1 }, take);
    const { campaign } = moments;
    const concerns = (decision: { readonly campaign: string; readonly nowMs: bigint }): boolean =>
      (campaign === undefined || decision.campaign === campaign) && Number(decision.nowMs) >= fromMs && Number(decision.nowMs) < toMs;
    return takePlaced(await findDecisions(log, concerns), (moment, standing) => take(moment, standing, moment.decision.id));
  }

  /** By value of the view: how often it was answered how. */
  statuses(rows: readonly Taken[]): Map<string, Map<CellStatus, number>> {
    const counts = new Map(this.#values.names.map((name) => [name, new Map<CellStatus, number>()]));
    for (const row of rows)
      for (const [i, status] of (this.#statusOf.get(row) ?? []).entries()) {
        const of = counts.get(this.#values.names[i] ?? '');
        of?.set(status, (of.get(status) ?? 0) + 1);
      }
    return counts;
  }

  #take({ profileId, atMs }: Moment, { partition, offset, rules, profileOf }: Standing, decisionId: string): void {
    const { share, seed, purpose, rowsMax } = this.#asked;
    const profile = profileOf(profileId);
    if (profile === undefined || (share < 1 && unitHash(`${seed}/${profileId}`) >= share)) return;
    if (atMs > this.#lastMomentMs) return void this.leftOut.tooRecent++;
    if (consentOf(profile, rules)[purpose] !== true) return void this.leftOut.withoutConsent++;
    if (this.taken.length >= rowsMax)
      throw new AttuneError(
        'REQUEST_INVALID',
        `There are more than ${rowsMax} rows. Narrow them by --from, --to, --share or other moments, or raise --max-rows.`,
      );
    const nowMs = Math.max(atMs, profile.logTimeMs);
    const told = toldValues(
      { profileId, profile, erasedAtMs: undefined, rules, position: { topic: ACTIVITY, partition, offset: BigInt(offset) }, nowMs },
      this.#values,
    );
    const row = { profileId, atMs, partition, offset, decisionId, values: told.map((value, i) => cellOf(value, this.#types[i] ?? 'json')) };
    this.taken.push(row);
    this.#statusOf.set(row, told.map(statusOf));
  }
}
