import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { z } from 'zod';
import { say } from './faults.ts';
import { featureSchema } from './feature-schema.ts';
import { label } from './label-schema.ts';
import { model } from './model-schema.ts';
import { recommender } from './recommender-schema.ts';
import { view } from './view-schema.ts';
import { duration, named, oneOf, oneOrMore, percent, timeOfDay, words } from './words.ts';

/** What an event name may mean to Attune. */
export const roles = ['purchase', 'cancellation', 'refund', 'view', 'search', 'add_to_cart', 'click', 'impression', 'complaint', 'resolution'] as const;
/** The channels that a message can take. */
export const channels = ['email', 'inbox', 'push', 'webhook'] as const;

const zone = z
  .string()
  .refine((name) => isZone(name), { error: () => say('This is not a time zone.', 'Write a name of the IANA list, such as Europe/London.') });
const shop = words({
  name: z.string().min(1).describe('The name of the shop, for messages.'),
  time_zone: zone.describe('The time zone of the shop, a name of the IANA list such as `Europe/London`.'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: say('This is not a currency.', 'Write its three capital letters, such as GBP.') })
    .describe('The currency of what offers are worth and cost, as three capital letters such as `GBP`.'),
  languages: z.array(z.string()).min(1).describe('The languages of messages; every message has a template in the first, which stands in for the others.'),
});
const purpose = words({
  basis: oneOf(['contract', 'legitimate_interest', 'consent', 'legal_obligation']).describe(
    'Why the law allows it. `contract` and `legal_obligation`: always; `legitimate_interest`: until the customer denies; `consent`: once the customer grants.',
  ),
  keep: duration.describe('How long data may be kept for it. Written down only: nothing is deleted by it yet.'),
  tell: z
    .record(z.string(), z.string())
    .describe('What customers are told, by language: the page behind a link to unsubscribe says it after “uses your data”.'),
});

const trait = words({
  type: oneOf(['string', 'number', 'boolean', 'email', 'time']).optional().describe('What its value is. Either this or `enum`.'),
  enum: z.array(z.string()).min(1).optional().describe('All its values, where they are a few texts. Either this or `type`.'),
  personal: z.boolean().default(false).describe('True: sealed in the log and in the profile.'),
  sensitive: z.boolean().default(false).describe('True: sealed like what is personal, and no rule may name it.'),
  purposes: z.array(z.string()).default([]).describe('What it may be used for. A call for another purpose gets it as withheld.'),
}).refine((it) => (it.type === undefined) !== (it.enum === undefined), {
  error: say('A trait has either a type or an enum.', 'Write type: string, or enum: [one, two].'),
});

const entryField = words({
  type: oneOf(['string', 'number', 'boolean']).describe('What its value is.'),
  decimals: z.int().min(0).max(6).default(2).describe('Decimal places of a number that sums count exactly.'),
});
const field = words({
  type: oneOf(['string', 'number', 'boolean', 'list', 'object', 'time']).describe('What its value is; an event with another value is refused.'),
  min: z.number().optional().describe('The least value of a number.'),
  max: z.number().optional().describe('The greatest value of a number, the most characters of a text, the most entries of a list; of a time, ms since 1970.'),
  decimals: z.int().min(0).max(6).default(2).describe('Decimal places of a number that sums count exactly.'),
  fields: z
    .record(z.string().min(1).max(100), entryField)
    .optional()
    .describe('What the entries of a list have, by name, for features with `each`. Entries are not checked at the door: one that is otherwise is not folded.'),
  required: z.boolean().default(false).describe('True: an event without it is refused.'),
  personal: z.boolean().default(false).describe('True: sealed in the log whatever its type, and what features keep of it is sealed in the profile.'),
  open: z
    .boolean()
    .default(false)
    .describe(
      'True: a text, a list or an object that may lie in clear, in the log and in a feature that keeps its value, such as `last`. Without it such values are sealed; numbers, truth and times are only where they are personal.',
    ),
}).refine((it) => it.min === undefined || it.max === undefined || it.min <= it.max, { error: say('min is more than max.', 'Swap them.') });
const lines = words({
  each: z.string().describe('The field that holds the lines, a declared one.'),
  item: z.string().describe('Which word of a line names the item.'),
  quantity: z.string().optional().describe('Which word of a line says how many.'),
  price: z.string().optional().describe('Which word of a line says the price of one.'),
});
const event = words({
  role: oneOf(roles)
    .optional()
    .describe('What the name means: recommenders learn from `purchase`, `delivery.pause_promotions` can name it, and the page shows it.'),
  item: z.string().optional().describe('Which field names the item, for features of kind `recent_items` and for recommenders.'),
  decision: z
    .string()
    .optional()
    .describe('Which field carries the id of the decision that the event answers. It is announced with the event; no count uses it yet.'),
  lines: lines.optional().describe('Where its lines stand, such as the products of an order, for features of kind `recent_items` and for recommenders.'),
  fields: z
    .record(z.string().min(1).max(100), field)
    .default({})
    .describe('Its fields by name. A field that is not declared is sealed, and no feature can read it.'),
});

const offer = words({
  who: z.string().optional().describe('A condition on features, traits and segments: who may get it. Absent = everyone.'),
  message: z.string().describe('Its template: `messages/<message>.<language>.mjml` beside the file.'),
  value: z.number().min(0).describe('What an acceptance is worth.'),
  cost: z.number().min(0).default(0).describe('What the offer costs.'),
  prior: words({
    accepted: z.number().min(0).describe('Acceptances assumed.'),
    sent: z.number().positive().describe('Offers assumed to be sent.'),
  })
    .refine((it) => it.accepted <= it.sent, { error: say('More are accepted than sent.', 'Write accepted at most as large as sent.') })
    .optional()
    .describe(
      "What is assumed before there are counts: propensity = (accepted + its `accepted`) / (sent + its `sent`). An offer counts as accepted when its campaign's goal is reached. Absent = 1 of 20.",
    ),
});
const learn = words({
  view: z.string().optional().describe('The view whose values tell customers apart: numbers, texts and truths. Absent = all are alike.'),
  reward: words({
    event: z.string().describe('The event that rewards a decision: one that names a decision rewards that one, another all that wait for it.'),
    within: duration.describe('How soon after the decision it must happen. Learnt from once that is over.'),
    amount: z
      .string()
      .optional()
      .describe(
        'A number among its open fields: the reward is their sum as a part of `at_most`, so that `propensity * value` is an amount where `value` is `at_most`. Absent = happened or not.',
      ),
    at_most: z.number().positive().optional().describe('The largest sum that counts; required with `amount`.'),
  })
    .refine((it) => (it.amount === undefined) === (it.at_most === undefined), {
      error: say('amount and at_most go together.', 'Write both, or neither.'),
    })
    .optional()
    .describe("What a decision is rewarded for. Absent = the campaign's goal."),
});
const choose = words({
  by: z
    .string()
    .default('propensity * value - cost')
    .describe('What a candidate is worth, from `propensity`, `value`, `cost` and features; nothing is worth 0.'),
  explore: z.number().min(0).max(1).default(0).describe('The part of decisions, 0 to 1, in which an eligible offer is drawn by chance.'),
  exploration: oneOf(['epsilon', 'thompson'])
    .default('epsilon')
    .describe(
      'How the other decisions choose: `epsilon` takes the best offer, `thompson` each offer as often as it may be the best by what was learnt (the score is then taken as a straight line in `propensity`).',
    ),
  learn: learn
    .optional()
    .describe('Learns `propensity` from what decisions brought. Absent = from the counts of the campaign; `thompson` learns without it too.'),
});
const variant = words({
  share: percent.describe('The part of the customers that are not held out; those of all variants make 100%.'),
  offers: z.array(z.string()).min(1).optional().describe("Instead of the campaign's."),
  message: z.string().optional().describe("Instead of the campaign's message or offers."),
  choose: choose.optional().describe("Instead of the campaign's, all of it."),
}).refine((it) => it.offers === undefined || it.message === undefined, {
  error: say('A variant has either offers or one message.', 'Write offers: [one, two], or message: name.'),
});
const campaign = words({
  purpose: z.string().describe('What its messages are for; consent is checked for it. One on `contract` or `legal_obligation` is no promotion.'),
  start: words({
    when: oneOf(['enters', 'leaves']).describe('Whether entering or leaving the segment starts it.'),
    segment: oneOrMore.describe('One segment, or a list of which each starts it.'),
    redefined: z
      .boolean()
      .default(false)
      .describe(
        'True: also for customers whom nothing but a change of the segment in this file brings in or out. A wider definition then starts it for all of them at once.',
      ),
  }).describe('What starts it for a customer.'),
  offers: z.array(z.string()).min(1).optional().describe('The offers of which at most one is chosen. Either this or `message`.'),
  message: z.string().optional().describe('The one message that everyone gets, without an offer. Either this or `offers`.'),
  choose: choose.optional().describe('How the offer is chosen.'),
  channels: z
    .array(oneOf(channels))
    .min(1)
    .describe('The channels in order of choice: the first that this process has carries the message. `email` and `inbox` are there so far.'),
  goal: words({
    event: z.string().describe('The event that counts as success.'),
    within: duration.describe('How soon after the decision it must happen.'),
  })
    .optional()
    .describe('How success is measured, beside the holdout.'),
  holdout: percent.optional().describe('The part of customers that gets nothing, for comparison. Absent = none.'),
  variants: named(variant)
    .optional()
    .describe(
      'An experiment, by name: each customer stays in one of these, by a hash. The first is what the others are compared with. Absent = all are treated alike.',
    ),
  expires: duration.optional().describe('How old a transition may be to start it, and how long its message may wait. Absent = no end.'),
}).refine((it) => (it.offers === undefined) !== (it.message === undefined), {
  error: say('A campaign has either offers or one message.', 'Write offers: [one, two], or message: name.'),
});

const cap = words({
  channels: z.array(oneOf(channels)).min(1).describe('The channels that it counts together.'),
  at_most: z.int().min(1).describe('So many promotions.'),
  per: z
    .union([z.literal('day').transform(() => 86_400_000), duration], {
      error: () => say('This is neither a day nor a duration.', 'Write day, or a duration such as 7d.'),
    })
    .describe('Within the time before now: `day`, which is 24 hours, or a duration.'),
});
const delivery = words({
  quiet_hours: words({
    from: timeOfDay.describe('Begins at; may be later than `to`, over midnight.'),
    to: timeOfDay.describe('Ends at.'),
    zone: z.string().default('customer').describe("Whose clock: `customer` (the trait `time_zone`), `shop`, or a zone's name."),
    fallback_zone: z.string().default('shop').describe("Whose clock where the customer's is not known: `shop`, or a zone's name."),
  })
    .optional()
    .describe('When promotions wait.'),
  caps: z.array(cap).default([]).describe('How many promotions a customer gets at most; a message beyond is dropped.'),
  pause_promotions: words({
    from: oneOrMore.describe('What begins a pause: `role.<role>`, `segment.<segment>` or the name of an event; one or a list.'),
    until: oneOrMore.optional().describe('What ends it: `role.<role>` or the name of an event; one or a list.'),
    at_most: duration.optional().describe('The longest pause.'),
  })
    .optional()
    .describe('When a customer gets no promotions for a while.'),
  stop_everything: z.boolean().default(false).describe('The red button: true drops every promotion from the next start on.'),
  count_clicks: z
    .boolean()
    .default(true)
    .describe(
      'Whether links in mails of promotions lead through Attune, so that a click is an event: the one whose `role` is `click` and that names a `decision`, else `Promotion Clicked`. False: links stay as the template has them.',
    ),
});

/** The schema of a whole document for these kinds of features. Names are not resolved yet: `compile` does that. */
export const documentSchema = (kinds: readonly FeatureKindSpec[]) =>
  words({
    attune: z.literal(1, { error: say('The language version is not 1.', 'Begin the file with attune: 1.') }).describe('The version of the language.'),
    shop: shop.describe('Who sends.'),
    purposes: named(purpose).describe('Why data may be used, by name: consent is asked for, and checked, for each purpose.'),
    traits: named(trait)
      .default({})
      .describe('What your application tells of a customer in identify calls, by name. Others are accepted, sealed, and not kept in the profile.'),
    late_events: words({ allowed: duration.describe('How much later than it happened an event may come and still count in features.') })
      .prefault({ allowed: '7d' })
      .describe('What is too late.'),
    unknown_events: oneOf(['reject', 'keep'])
      .default('reject')
      .describe('What becomes of a track call whose name is not declared. `keep`: it is accepted with all fields sealed.'),
    events: z.record(z.string().min(1).max(200), event).describe('The data contract: the track calls that your application sends, by name.'),
    features: named(featureSchema(kinds)).default({}).describe('What Attune works out from events, by name. Each has one kind.'),
    views: named(view)
      .default({})
      .describe(
        'Named lists of features: what models read, and what `GetFeatures` and Feast clients ask for. Each is a list of names, or a mapping with more words.',
      ),
    models: named(model)
      .default({})
      .describe('Models that you trained, by name: `Predict` scores a customer by one. See [trees of your own](models/trees.md).'),
    labels: named(label)
      .default({})
      .describe('What a model is to foresee, by name: `attune dataset <label>` builds its training rows from the log. See [datasets](datasets.md).'),
    recommenders: named(recommender).default({}).describe('What `Recommend` chooses items by, by name.'),
    segments: named(z.string()).default({}).describe('Named groups of customers: a condition on features and traits each.'),
    offers: named(offer).default({}).describe("What a campaign may choose for a customer, by name. Amounts are in the shop's currency."),
    holdout: percent
      .optional()
      .describe(
        'The part of customers that no promotion of any campaign reaches, for comparison. Receipts and other messages on `contract` or `legal_obligation` do. Absent = none.',
      ),
    campaigns: named(campaign).default({}).describe('When to act, for which purpose, with what, and how success is measured, by name.'),
    delivery: delivery
      .default({ caps: [], stop_everything: false, count_clicks: true })
      .describe('What holds for every promotion: a message whose purpose is not on contract or legal_obligation.'),
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
