import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { z } from 'zod';
import { say } from './faults.ts';
import { featureSchema } from './feature-schema.ts';
import { duration, named, oneOf, oneOrMore, percent, timeOfDay, words } from './words.ts';

/** What an event name may mean to Attune. */
export const roles = ['purchase', 'cancellation', 'refund', 'view', 'search', 'add_to_cart', 'click', 'impression', 'complaint', 'resolution'] as const;
/** The channels that a message can take. */
export const channels = ['email', 'inbox', 'push', 'webhook'] as const;

const zone = z
  .string()
  .refine((name) => isZone(name), { error: () => say('This is not a time zone.', 'Write a name of the IANA list, such as Europe/London.') });
const shop = words({
  name: z.string().min(1),
  time_zone: zone,
  currency: z.string().regex(/^[A-Z]{3}$/, { error: say('This is not a currency.', 'Write its three capital letters, such as GBP.') }),
  languages: z.array(z.string()).min(1),
});
const purpose = words({
  basis: oneOf(['contract', 'legitimate_interest', 'consent', 'legal_obligation']),
  keep: duration,
  tell: z.record(z.string(), z.string()),
});

const trait = words({
  type: oneOf(['string', 'number', 'boolean', 'email', 'time']).optional(),
  enum: z.array(z.string()).min(1).optional(),
  personal: z.boolean().default(false),
  sensitive: z.boolean().default(false),
  purposes: z.array(z.string()).default([]),
}).refine((it) => (it.type === undefined) !== (it.enum === undefined), {
  error: say('A trait has either a type or an enum.', 'Write type: string, or enum: [one, two].'),
});

const field = words({
  type: oneOf(['string', 'number', 'boolean', 'list', 'object', 'time']),
  min: z.number().optional(),
  max: z.number().optional(),
  decimals: z.int().min(0).max(6).default(2),
  required: z.boolean().default(false),
  personal: z.boolean().default(false),
  open: z.boolean().default(false),
}).refine((it) => it.min === undefined || it.max === undefined || it.min <= it.max, { error: say('min is more than max.', 'Swap them.') });
const event = words({
  role: oneOf(roles).optional(),
  item: z.string().optional(),
  decision: z.string().optional(),
  lines: words({ each: z.string(), item: z.string(), quantity: z.string().optional(), price: z.string().optional() }).optional(),
  fields: z.record(z.string().min(1).max(100), field).default({}),
});

const offer = words({
  who: z.string().optional(),
  message: z.string(),
  value: z.number().min(0),
  cost: z.number().min(0).default(0),
  prior: words({ accepted: z.number().min(0), sent: z.number().positive() })
    .refine((it) => it.accepted <= it.sent, { error: say('More are accepted than sent.', 'Write accepted at most as large as sent.') })
    .optional(),
});
const campaign = words({
  purpose: z.string(),
  start: words({ when: oneOf(['enters', 'leaves']), segment: oneOrMore }),
  offers: z.array(z.string()).min(1).optional(),
  message: z.string().optional(),
  choose: words({ by: z.string().default('propensity * value - cost'), explore: z.number().min(0).max(1).default(0) }).optional(),
  channels: z.array(oneOf(channels)).min(1),
  goal: words({ event: z.string(), within: duration }).optional(),
  holdout: percent.optional(),
  expires: duration.optional(),
}).refine((it) => (it.offers === undefined) !== (it.message === undefined), {
  error: say('A campaign has either offers or one message.', 'Write offers: [one, two], or message: name.'),
});

const delivery = words({
  quiet_hours: words({ from: timeOfDay, to: timeOfDay, zone: z.string().default('customer'), fallback_zone: z.string().default('shop') }).optional(),
  caps: z
    .array(
      words({
        channels: z.array(oneOf(channels)).min(1),
        at_most: z.int().min(1),
        per: z.union([z.literal('day').transform(() => 86_400_000), duration], {
          error: () => say('This is neither a day nor a duration.', 'Write day, or a duration such as 7d.'),
        }),
      }),
    )
    .default([]),
  pause_promotions: words({ from: oneOrMore, until: oneOrMore.optional(), at_most: duration.optional() }).optional(),
  stop_everything: z.boolean().default(false),
});

/** The schema of a whole document for these kinds of features. Names are not resolved yet: `compile` does that. */
export const documentSchema = (kinds: readonly FeatureKindSpec[]) =>
  words({
    attune: z.literal(1, { error: say('The language version is not 1.', 'Begin the file with attune: 1.') }),
    shop,
    purposes: named(purpose),
    traits: named(trait).default({}),
    late_events: words({ allowed: duration }).default({ allowed: 7 * 86_400_000 }),
    unknown_events: oneOf(['reject', 'keep']).default('reject'),
    events: z.record(z.string().min(1).max(200), event),
    features: named(featureSchema(kinds)).default({}),
    segments: named(z.string()).default({}),
    offers: named(offer).default({}),
    campaigns: named(campaign).default({}),
    delivery: delivery.default({ caps: [], stop_everything: false }),
  });

/** A document whose shape is right. */
export type AttuneDocument = z.infer<ReturnType<typeof documentSchema>>;

/** True for a zone of the IANA list that this machine knows. */
export function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
