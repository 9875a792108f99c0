import type { RecommenderKind, RecommenderSource } from '@attune/kernel/recommender-kind';
import type { IndexedHistory } from './indexed-history.ts';
import { ServedBlend } from './served-blend.ts';
import { type Numbers, SERVED_KINDS } from './served-kinds.ts';
import type { ServedModel } from './served-model.ts';

/** A recommender of the configuration, as far as its model needs it. */
export interface RecommenderPlan {
  readonly name: string;
  readonly kind: RecommenderKind;
  readonly numbers: Numbers;
  readonly over: RecommenderSource;
  /** Of a blend. */
  readonly of: readonly { readonly name: string; readonly weight: number }[];
}

/** The models of all recommenders, by name, from what a generation holds. A part of two blends is one model. No blend may be a part of itself. */
export function serveRecommenders(plans: readonly RecommenderPlan[], world: IndexedHistory): ReadonlyMap<string, ServedModel> {
  const served = new Map<string, ServedModel>();
  const serve = (name: string): ServedModel | undefined => {
    const known = served.get(name);
    const plan = plans.find((one) => one.name === name);
    if (known !== undefined || plan === undefined) return known;
    const model = modelOf(plan);
    served.set(name, model);
    return model;
  };
  const modelOf = ({ kind, numbers, over, of }: RecommenderPlan): ServedModel => {
    if (kind !== 'blend') return SERVED_KINDS[kind](world, numbers, over);
    const parts = of.flatMap(({ name, weight }) => {
      const model = serve(name);
      return model === undefined ? [] : [{ name, weight, model }];
    });
    return new ServedBlend(world.size, parts);
  };
  for (const { name } of plans) serve(name);
  return served;
}
