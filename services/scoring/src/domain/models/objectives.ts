import { ModelFault, shown } from './model-fault.ts';

/** How a raw score becomes a value. */
export interface Objective {
  /** As the file writes it, such as `binary sigmoid:1` or `binary:logistic`. */
  readonly name: string;
  readonly link: 'identity' | 'sigmoid' | 'exp' | 'log1pExp' | 'signedSquare' | 'softmax' | 'sigmoids';
  /** The factor of a sigmoid. */
  readonly slope: number;
  /** Whether the value is a probability. */
  readonly isProbability: boolean;
}

type Link = Objective['link'];

/** `ConvertOutput` of LightGBM's objectives (src/objective in its repository). */
const lightgbm: Readonly<Record<string, Link>> = {
  ...{ regression: 'identity', regression_l1: 'identity', huber: 'identity', fair: 'identity', quantile: 'identity', mape: 'identity' },
  ...{ poisson: 'exp', gamma: 'exp', tweedie: 'exp' },
  ...{ binary: 'sigmoid', cross_entropy: 'sigmoid', cross_entropy_lambda: 'log1pExp' },
  ...{ multiclass: 'softmax', multiclassova: 'sigmoids' },
  ...{ lambdarank: 'identity', rank_xendcg: 'identity' },
};

/** `PredTransform` of XGBoost's objectives (src/objective in its repository). */
const xgboost: Readonly<Record<string, Link>> = {
  ...{ 'reg:squarederror': 'identity', 'reg:squaredlogerror': 'identity', 'reg:absoluteerror': 'identity', 'reg:pseudohubererror': 'identity' },
  ...{ 'reg:logistic': 'sigmoid', 'binary:logistic': 'sigmoid', 'binary:logitraw': 'identity' },
  ...{ 'count:poisson': 'exp', 'reg:gamma': 'exp', 'reg:tweedie': 'exp' },
  ...{ 'multi:softprob': 'softmax', 'multi:softmax': 'softmax' },
  ...{ 'rank:pairwise': 'identity', 'rank:ndcg': 'identity', 'rank:map': 'identity' },
};

/** The objective that a LightGBM file names, such as `binary sigmoid:0.7`. @throws ModelFault where it is not known */
export function lightgbmObjective(written: string): Objective {
  const [name = '', ...words] = written.trim().split(/\s+/);
  const slope = Number(/(?:^| )sigmoid:(\S+)/.exec(words.join(' '))?.[1] ?? 1);
  if (!Number.isFinite(slope) || slope <= 0) throw new ModelFault(`The objective has the sigmoid ${shown(words.join(' '))}.`, 'Train with a sigmoid above 0.');
  const link = name === 'regression' && words.includes('sqrt') ? 'signedSquare' : linkIn(lightgbm, name);
  return { name: written.trim(), link, slope, isProbability: ['binary', 'cross_entropy', 'multiclass', 'multiclassova'].includes(name) };
}

/** The objective that an XGBoost file names. @throws ModelFault where it is not known */
export function xgboostObjective(name: string): Objective {
  const link = linkIn(xgboost, name);
  return { name, link, slope: 1, isProbability: link === 'sigmoid' || link === 'softmax' };
}

function linkIn(known: Readonly<Record<string, Link>>, name: string): Link {
  const link = Object.hasOwn(known, name) ? known[name] : undefined;
  if (link !== undefined) return link;
  throw new ModelFault(
    name === '' ? 'The model names no objective, as one trained with an objective of your own.' : `The objective ${shown(name)} is not known here.`,
    `Train with one of ${Object.keys(known).join(', ')}.`,
  );
}

/** The values of raw scores that were averaged already: a number each. */
export function valuesOf({ link, slope }: Objective, scores: Float64Array): Float64Array {
  if (link === 'softmax') return softmax(scores);
  return scores.map((score) => linked(link, slope, score));
}

function linked(link: Link, slope: number, score: number): number {
  switch (link) {
    case 'sigmoid':
    case 'sigmoids':
      return 1 / (1 + Math.exp(-slope * score));
    case 'exp':
      return Math.exp(score);
    case 'log1pExp':
      return Math.log1p(Math.exp(score));
    case 'signedSquare':
      return Math.sign(score) * score * score;
    default:
      return score;
  }
}

function softmax(scores: Float64Array): Float64Array {
  const most = scores.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const weights = scores.map((score) => Math.exp(score - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / sum);
}
