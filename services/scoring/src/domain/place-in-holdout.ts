import { unitHash } from '@attune/kernel/hash';

/** Whose place in which campaign. */
export interface HoldoutSeat {
  readonly tenant: string;
  readonly campaign: string;
  readonly profileId: string;
}

/** The place in [0, 1) of a profile in a campaign's holdout: always the same, and independent from one campaign to another. Held out is who stands below the share. */
export const placeInHoldout = ({ tenant, campaign, profileId }: HoldoutSeat): number => unitHash(JSON.stringify([tenant, campaign, profileId]));

/** The place in [0, 1) of a profile in the shop's holdout: always the same, and independent from those in campaigns. */
export const placeInShopHoldout = ({ tenant, profileId }: Pick<HoldoutSeat, 'tenant' | 'profileId'>): number =>
  unitHash(JSON.stringify([tenant, 'holdout', '', profileId]));

/** The place in [0, 1) of a profile among the variants of a campaign: always the same, and independent from that in its holdout. */
export const placeAmongVariants = ({ tenant, campaign, profileId }: HoldoutSeat): number => unitHash(JSON.stringify([tenant, 'variant', campaign, profileId]));
