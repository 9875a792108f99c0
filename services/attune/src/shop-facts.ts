import type { Configuration } from '@attune/configuration/configuration';
import type { ConsoleFacts } from '@attune/console/composition';

/** What the page tells of the shop, and what its names of features and segments mean. */
export const shopFacts = ({ shop, features, segments, recommenders, version }: Configuration) =>
  ({
    shop: shop.name,
    currency: shop.currency,
    timeZone: shop.timeZone,
    configurationVersion: version,
    units: Object.fromEntries(features.flatMap((it) => unitOf(it).map((unit) => [it.name, unit]))),
    meanings: Object.fromEntries(features.map(({ name, kind, event, field = '', windowMs = 0 }) => [name, { kind, event, field, windowMs }])),
    recommenders: recommendersShown(recommenders),
    rules: Object.fromEntries(segments.map(({ name, rule }) => [name, rule.source])),
  }) satisfies Partial<ConsoleFacts>;

function unitOf({ kind, field = '', unitMs }: Configuration['features'][number]): readonly string[] {
  if (kind === 'sum' && MONEY.has(field)) return ['money'];
  const unit = UNITS.get(unitMs ?? 0);
  return unit === undefined ? [] : [unit];
}

/** Fields that Segment's commerce events give in major units of a currency. */
const MONEY: ReadonlySet<string> = new Set(['total', 'subtotal', 'revenue', 'value', 'price', 'shipping', 'tax', 'discount']);

const UNITS: ReadonlyMap<number, string> = new Map([
  [1_000, 'seconds'],
  [60_000, 'minutes'],
  [3_600_000, 'hours'],
  [86_400_000, 'days'],
]);

/** Those that stand somewhere in the shop; one without a placement is a part of another, unless none has any. */
function recommendersShown(recommenders: Configuration['recommenders']): readonly string[] {
  const placed = recommenders.filter(({ placements }) => placements.length > 0);
  return (placed.length > 0 ? placed : recommenders).map(({ name }) => name);
}
