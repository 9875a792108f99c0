import type { CampaignRule, VariantRule } from './campaign-rules.ts';

/** The names of arms that are no variants. */
export const HELD_OUT = 'held_out';
export const TREATED = 'treated';

/** The variant in whose part of [0, 1) the place lies; undefined where the campaign has none. Parts lie in the order of the variants, each as wide as its share. */
export function variantAt({ variants }: Pick<CampaignRule, 'variants'>, place: number): VariantRule | undefined {
  let end = 0;
  for (const variant of variants) {
    end += variant.share;
    if (place < end) return variant;
  }
  return variants.at(-1); // shares make 1 but for rounding
}

/** What the campaign does for those in the variant. */
export function underVariant(campaign: CampaignRule, variant: VariantRule | undefined): CampaignRule {
  if (variant === undefined) return campaign;
  const { offers, message, worth, explore, exploration, learn } = variant;
  const { message: _, learn: __, ...rest } = campaign;
  return { ...rest, offers, worth, explore, exploration, ...(message !== undefined && { message }), ...(learn && { learn }) };
}

/** The part of all profiles with consent that a campaign does nothing for, by its own holdout or the shop's. */
export const heldOutShare = ({ holdout, shopHoldout }: Pick<CampaignRule, 'holdout' | 'shopHoldout'>): number => 1 - (1 - holdout) * (1 - shopHoldout);

/** The share of each arm of the campaign by its name; those without a share are left out. */
export function armShares(campaign: CampaignRule): Readonly<Record<string, number>> {
  const held = heldOutShare(campaign);
  const treated = campaign.variants.length === 0 ? [{ name: TREATED, share: 1 }] : campaign.variants;
  const shares = [[HELD_OUT, held] as const, ...treated.map(({ name, share }) => [name, (1 - held) * share] as const)];
  return Object.fromEntries(shares.filter(([, share]) => share > 0));
}
