import { compileLearning, type KnownValues } from './compile-learning.ts';
import { compileAmount, type KnownNames } from './conditions.ts';
import type { Campaign, Variant } from './configuration.ts';
import { accepted, type Rules } from './rules.ts';
import type { AttuneDocument } from './schema.ts';

/** The variants of one campaign as they are written, and what their rules may name. */
export interface WrittenVariants {
  readonly campaign: Campaign;
  readonly written: NonNullable<AttuneDocument['campaigns'][string]['variants']>;
  readonly amounts: KnownNames;
  readonly known: KnownValues;
}

/** What arms are called that are no variants. */
const RESERVED: ReadonlySet<string> = new Set(['held_out', 'treated']);
const WHOLE_WITHIN = 1e-9;

/** The variants of a campaign, whole; what is wrong with them is found. */
export function compileVariants(rules: Rules, { campaign, written, amounts, known }: WrittenVariants): readonly Variant[] {
  const { document, review, messages } = rules;
  const at = ['campaigns', campaign.name, 'variants'];
  const variants = Object.entries(written);
  const find = (fault: string, fix: string, path: readonly string[] = at) => review.findings.push({ path, fault, fix });
  const whole = variants.reduce((sum, [, { share }]) => sum + share, 0);
  if (variants.length > 0 && Math.abs(whole - 1) > WHOLE_WITHIN)
    find('The shares of the variants do not make 100%.', 'Write shares that make 100%, such as 50% and 50%.');
  return variants.flatMap(([name, { share, offers, message, choose }]) => {
    const path = [...at, name];
    if (RESERVED.has(name)) find(`${name} is what results call an arm of every campaign.`, 'Give the variant another name.', path);
    for (const [i, offer] of (offers ?? []).entries())
      review.known({ path: [...path, 'offers', i], what: 'offer', name: offer, among: Object.keys(document.offers) });
    if (message !== undefined && messages !== undefined) review.known({ path: [...path, 'message'], what: 'message', name: message, among: messages });
    const by = choose === undefined ? campaign.choose.by : accepted(compileAmount(choose.by, amounts), [...path, 'choose', 'by'], review);
    if (by === undefined) return [];
    const { message: common } = campaign;
    const sent = message ?? (offers === undefined ? common : undefined);
    const chosen = message === undefined ? (offers ?? campaign.offers) : [];
    const own = { choose, path: [...path, 'choose'], name: `${campaign.name}/${name}`, goal: campaign.goal, offers: chosen.length };
    const learn = compileLearning(rules, own, known);
    const said = choose && { by, explore: choose.explore, exploration: choose.exploration, ...(learn && { learn }) };
    return [{ name, share, offers: chosen, ...(sent !== undefined && { message: sent }), choose: said ?? campaign.choose }];
  });
}
