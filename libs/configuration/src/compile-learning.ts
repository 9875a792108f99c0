import { createHash } from 'node:crypto';
import type { PlainType } from './conditions.ts';
import type { Campaign, Learning, View } from './configuration.ts';
import type { Path } from './positions.ts';
import type { Rules } from './rules.ts';
import type { AttuneDocument } from './schema.ts';

/** A choice as it is written, and where it stands. */
export interface WrittenChoice {
  readonly choose: NonNullable<AttuneDocument['campaigns'][string]['choose']> | undefined;
  readonly path: Path;
  /** The campaign, with its variant where it is one's. */
  readonly name: string;
  readonly goal?: Campaign['goal'] | undefined;
  /** How many offers it chooses from. */
  readonly offers: number;
}

/** What compiled values are called and are. */
export interface KnownValues {
  readonly views: readonly View[];
  readonly valueTypes: ReadonlyMap<string, PlainType>;
}

/** A text becomes so many numbers of a model. */
export const TEXT_WIDTH = 8;
/** A state of a model travels as one record. */
const STATE_BYTES_MAX = 256 * 1024;

/** What a choice learns from; undefined where it does not, with a finding where it cannot. */
export function compileLearning(rules: Rules, written: WrittenChoice, known: KnownValues): Learning | undefined {
  const { choose, path, name, goal, offers } = written;
  if (choose === undefined || (choose.learn === undefined && choose.exploration !== 'thompson')) return undefined;
  const at = [...path, 'learn'];
  const find = (fault: string, fix: string, where: Path = at): undefined => void rules.review.findings.push({ path: where, fault, fix });
  const reward = rewardOf(rules, written, at);
  if (reward === undefined)
    return find('Nothing says what a decision is rewarded for.', 'Give the campaign a goal, or write learn: { reward: { event, within } }.', path);
  const view = known.views.find((one) => one.name === choose.learn?.view);
  if (choose.learn?.view !== undefined)
    rules.review.known({ path: [...at, 'view'], what: 'view', name: choose.learn.view, among: known.views.map((one) => one.name) });
  const inputs = (view?.features ?? []).flatMap((one) => {
    const type = typeOf(known.valueTypes, one);
    if (type === undefined) find(`${one} is no number, text or truth.`, 'Name a view of such values only.', [...at, 'view']);
    return type === undefined ? [] : [{ name: one, type }];
  });
  const width = inputs.reduce((sum, { type }) => sum + (type === 'text' ? TEXT_WIDTH : 1), 1);
  if (offers * (width * (width + 3)) * 4 > STATE_BYTES_MAX)
    find(`A model of ${offers} offers and ${width} numbers is too large.`, 'Name a view of fewer values, or fewer offers.', at);
  const model = `${name}@${hash12([view?.version ?? '', reward, goal?.event])}`;
  return { model, inputs, reward };
}

function rewardOf({ document, review }: Rules, { choose, goal }: WrittenChoice, at: Path): Learning['reward'] | undefined {
  const reward = choose?.learn?.reward;
  if (reward === undefined) return goal;
  const path = [...at, 'reward'];
  review.known({ path: [...path, 'event'], what: 'event', name: reward.event, among: Object.keys(document.events) });
  const { event, within: withinMs, amount, at_most: atMost } = reward;
  if (amount === undefined || atMost === undefined) return { event, withinMs };
  const fields = document.events[event]?.fields ?? {};
  review.known({ path: [...path, 'amount'], what: `field of ${event} named`, name: amount, among: Object.keys(fields) });
  const field = fields[amount];
  if (field !== undefined && (field.type !== 'number' || field.open !== true))
    review.findings.push({
      path: [...path, 'amount'],
      fault: `${amount} is not a number that lies in clear.`,
      fix: 'Declare the field as { type: number, open: true }.',
    });
  return { event, withinMs, amount, atMost };
}

const typeOf = (types: ReadonlyMap<string, PlainType>, name: string): PlainType | undefined =>
  types.get(name) ?? types.get(`${name.slice(0, name.indexOf('.'))}.`);
const hash12 = (told: unknown): string => createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 12);
