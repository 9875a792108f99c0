import { spelling } from '@attune/kernel/nearest';
import { checkSegmentUses } from './check-segment-uses.ts';
import { compileDelivery } from './compile-delivery.ts';
import { compileFeatures } from './compile-features.ts';
import { compileLabels } from './compile-labels.ts';
import { compileModels } from './compile-models.ts';
import { compileRecommenders } from './compile-recommenders.ts';
import { compileCampaigns, compileOffers, compileSegments } from './compile-rules.ts';
import { compileViews } from './compile-views.ts';
import type { KnownNames, PlainType } from './conditions.ts';
import type { Configuration } from './configuration.ts';
import type { Finding } from './faults.ts';
import type { ModelFileOf } from './fit-model.ts';
import type { Path } from './positions.ts';
import { reservedWords } from './reserved-words.ts';
import type { Rules } from './rules.ts';
import type { AttuneDocument } from './schema.ts';

export interface CompileOptions {
  readonly document: AttuneDocument;
  readonly version: string;
  /** The names of the message templates; absent = they are not checked. */
  readonly messages?: readonly string[] | undefined;
  /** What a model file is; absent = model files are not checked. */
  readonly modelFile?: ModelFileOf | undefined;
}

/** Collects what is wrong while names are resolved. */
export interface Review {
  readonly findings: Finding[];
  /** Adds a fault unless the name is known. `what` is the noun for the message. */
  readonly known: (reference: { path: Path; what: string; name: string; among: Iterable<string> }) => void;
}

/** Resolves every name and compiles every rule. All faults are found, not only the first; the configuration is usable only when there are none. */
export function compile({ document, version, messages, modelFile }: CompileOptions): { configuration: Configuration; findings: readonly Finding[] } {
  const review = reviewOf([]);
  checkDeclarations(document, review);
  const compiled = compileFeatures(document, review);
  const features = compiled.map(({ declaration }) => declaration);
  const names: KnownNames = {
    features: new Map(compiled.flatMap(({ declaration: { name, unitMs }, type }) => (type === undefined ? [] : [[name, { ...type, unitMs }] as const]))),
    traits: new Map(Object.entries(document.traits).map(([name, { type, sensitive }]) => [name, { type: traitType(type), sensitive }])),
    segments: new Set(Object.keys(document.segments)),
  };
  const rules: Rules = { document, review, names, messages };
  const [views, valueTypes] = [compileViews(document, features, review), valueTypesOf(names)];
  const segments = compileSegments(rules);
  const configuration: Configuration = {
    version,
    shop: { name: document.shop.name, timeZone: document.shop.time_zone, currency: document.shop.currency, languages: document.shop.languages },
    purposes: document.purposes,
    traits: document.traits,
    lateEvents: { allowedMs: document.late_events.allowed },
    unknownEvents: document.unknown_events,
    events: document.events,
    features,
    views,
    models: compileModels({ document, features, names, review, modelFile }),
    labels: compileLabels(document, review),
    valueTypes,
    recommenders: compileRecommenders(document, features, review),
    segments,
    offers: compileOffers(rules),
    campaigns: compileCampaigns(rules, { views, valueTypes }),
    holdout: document.holdout ?? 0,
    delivery: compileDelivery(document, review),
  };
  checkSegmentUses({ document, features, segments, review });
  return { configuration, findings: review.findings };
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
  for (const name of ['traits', 'segments', 'propensity', 'value', 'cost', ...reservedWords]) {
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

/** What is one number, text or truth. */
function valueTypesOf({ features, traits }: KnownNames): Map<string, PlainType> {
  const isPlain = (type: string): type is PlainType => type === 'number' || type === 'text' || type === 'truth';
  const told = [...traits].map(([name, { type }]) => [`traits.${name}`, type] as const);
  const found = [...features].flatMap(([name, { type, byName }]) => (isPlain(type) ? [[byName === true ? `${name}.` : name, type] as const] : []));
  return new Map([...found, ...told]);
}

const traitType = (type: string | undefined): PlainType => (type === 'number' || type === 'time' ? 'number' : type === 'boolean' ? 'truth' : 'text');
