import { compileDelivery } from './compile-delivery.ts';
import { compileFeatures, featureType } from './compile-features.ts';
import { type Compiled, compileAmount, compileCondition, type KnownNames, type Refused, type Truth, type ValueType } from './conditions.ts';
import type { Campaign, Configuration, Offer, Segment } from './configuration.ts';
import type { Finding } from './faults.ts';
import { spelling } from './nearest.ts';
import type { Path } from './positions.ts';
import type { AttuneDocument } from './schema.ts';

export interface CompileOptions {
  readonly document: AttuneDocument;
  readonly version: string;
  /** The names of the message templates; absent = they are not checked. */
  readonly messages?: readonly string[] | undefined;
}

/** Collects what is wrong while names are resolved. */
export interface Review {
  readonly findings: Finding[];
  /** Adds a fault unless the name is known. `what` is the noun for the message. */
  readonly known: (reference: { path: Path; what: string; name: string; among: Iterable<string> }) => void;
}

/** Resolves every name and compiles every rule. All faults are found, not only the first; the configuration is usable only when there are none. */
export function compile({ document, version, messages }: CompileOptions): { configuration: Configuration; findings: readonly Finding[] } {
  const review = reviewOf([]);
  checkDeclarations(document, review);
  const features = compileFeatures(document, review);
  const units = new Map(features.map(({ name, unitMs }) => [name, unitMs]));
  const names: KnownNames = {
    features: new Map(Object.entries(document.features).map(([name, written]) => [name, { type: featureType(document, written), unitMs: units.get(name) }])),
    traits: new Map(Object.entries(document.traits).map(([name, { type, sensitive }]) => [name, { type: traitType(type), sensitive }])),
    segments: new Set(Object.keys(document.segments)),
  };
  const rules: Rules = { document, review, names, messages };
  const configuration: Configuration = {
    version,
    shop: { name: document.shop.name, timeZone: document.shop.time_zone, currency: document.shop.currency, languages: document.shop.languages },
    purposes: document.purposes,
    traits: document.traits,
    lateEvents: { allowedMs: document.late_events.allowed },
    unknownEvents: document.unknown_events,
    events: document.events,
    features,
    segments: compileSegments(rules),
    offers: compileOffers(rules),
    campaigns: compileCampaigns(rules),
    delivery: compileDelivery(document, review),
  };
  return { configuration, findings: review.findings };
}

interface Rules {
  readonly document: AttuneDocument;
  readonly review: Review;
  readonly names: KnownNames;
  readonly messages: readonly string[] | undefined;
}

function reviewOf(findings: Finding[]): Review {
  return {
    findings,
    known: ({ path, what, name, among }) => {
      const declared = [...among];
      if (!declared.includes(name)) findings.push({ path, fault: `There is no ${what} ${name}.`, fix: spelling(name, declared) });
    },
  };
}

function checkDeclarations({ traits, purposes, features, events }: AttuneDocument, review: Review): void {
  for (const [name, trait] of Object.entries(traits)) {
    for (const [i, purpose] of trait.purposes.entries()) {
      review.known({ path: ['traits', name, 'purposes', i], what: 'purpose', name: purpose, among: Object.keys(purposes) });
    }
  }
  for (const name of ['traits', 'segments', 'propensity', 'value', 'cost', ...reserved]) {
    if (Object.hasOwn(features, name))
      review.findings.push({
        path: ['features', name],
        fault: `${name} means something else in conditions.`,
        fix: 'Give the feature another name.',
        atKey: true,
      });
  }
  for (const [name, event] of Object.entries(events)) {
    const fields = Object.keys(event.fields);
    if (event.lines !== undefined)
      review.known({ path: ['events', name, 'lines', 'each'], what: `field of ${name} named`, name: event.lines.each, among: fields });
    for (const [field, { type, min }] of Object.entries(event.fields)) {
      if (min !== undefined && type !== 'number')
        review.findings.push({
          path: ['events', name, 'fields', field, 'min'],
          fault: `min bounds numbers, and ${field} is a ${type}.`,
          fix: 'Remove min, or write type: number.',
        });
    }
  }
}

const reserved = [
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
  'has',
  'cel',
  'size',
  'type',
  'int',
  'double',
  'string',
  'bool',
  'bytes',
  'list',
  'map',
  'uint',
  'dyn',
  'duration',
  'timestamp',
  'optional',
  'days',
  'hours',
  'minutes',
  'seconds',
  'matches',
];

/** A segment names features and traits only, so that the segments of a customer depend on no order. */
function compileSegments({ document, review, names }: Rules): Segment[] {
  const withoutSegments: KnownNames = { ...names, segments: new Set() };
  return Object.entries(document.segments).flatMap(([name, source]) => {
    const rule = accepted(compileCondition(source, withoutSegments), ['segments', name], review);
    return rule === undefined ? [] : [{ name, rule }];
  });
}

function compileOffers({ document, review, names, messages }: Rules): Offer[] {
  return Object.entries(document.offers).map(([name, offer]) => {
    const who: Compiled<Truth> | undefined =
      offer.who === undefined ? undefined : accepted(compileCondition(offer.who, names), ['offers', name, 'who'], review);
    if (messages !== undefined) review.known({ path: ['offers', name, 'message'], what: 'message', name: offer.message, among: messages });
    const prior = offer.prior ?? { accepted: 1, sent: 20 };
    return { name, ...(who && { who }), message: offer.message, value: offer.value, cost: offer.cost, prior };
  });
}

function compileCampaigns(rules: Rules): Campaign[] {
  const { document, review, names, messages } = rules;
  const candidate = new Map<string, { type: ValueType }>(['propensity', 'value', 'cost'].map((name) => [name, { type: 'number' }]));
  const amounts: KnownNames = { ...names, features: new Map([...names.features, ...candidate]) };
  return Object.entries(document.campaigns).flatMap(([name, campaign]) => {
    const path = ['campaigns', name];
    review.known({ path: [...path, 'purpose'], what: 'purpose', name: campaign.purpose, among: Object.keys(document.purposes) });
    for (const [i, segment] of campaign.start.segment.entries()) {
      review.known({ path: [...path, 'start', 'segment', i], what: 'segment', name: segment, among: names.segments });
    }
    for (const [i, offer] of (campaign.offers ?? []).entries())
      review.known({ path: [...path, 'offers', i], what: 'offer', name: offer, among: Object.keys(document.offers) });
    if (campaign.message !== undefined && messages !== undefined)
      review.known({ path: [...path, 'message'], what: 'message', name: campaign.message, among: messages });
    if (campaign.goal !== undefined)
      review.known({ path: [...path, 'goal', 'event'], what: 'event', name: campaign.goal.event, among: Object.keys(document.events) });
    const by = accepted(compileAmount(campaign.choose?.by ?? 'propensity * value - cost', amounts), [...path, 'choose', 'by'], review);
    return by === undefined ? [] : [campaignOf(name, campaign, by)];
  });
}

function campaignOf(name: string, written: AttuneDocument['campaigns'][string], by: Campaign['choose']['by']): Campaign {
  return {
    name,
    purpose: written.purpose,
    start: { when: written.start.when, segments: written.start.segment },
    offers: written.offers ?? [],
    ...(written.message !== undefined && { message: written.message }),
    choose: { by, explore: written.choose?.explore ?? 0 },
    channels: written.channels,
    ...(written.goal && { goal: { event: written.goal.event, withinMs: written.goal.within } }),
    holdout: written.holdout ?? 0,
    ...(written.expires !== undefined && { expiresMs: written.expires }),
  };
}

function accepted<Answer>(result: Compiled<Answer> | Refused, path: Path, review: Review): Compiled<Answer> | undefined {
  if (result.kind === 'compiled') return result;
  review.findings.push({ path, fault: result.fault, fix: result.fix });
  return undefined;
}

const traitType = (type: string | undefined): ValueType => (type === 'number' || type === 'time' ? 'number' : type === 'boolean' ? 'truth' : 'text');
