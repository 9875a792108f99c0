import { Popularity } from '@attune/scoring/recommenders/popularity';
import type { Recommender } from '@attune/scoring/recommenders/recommender';
import { SeenAgain } from '@attune/scoring/recommenders/seen-again';
import { SequenceRules } from '@attune/scoring/recommenders/sequence-rules';
import { type SessionIndex, sessionIndex } from '@attune/scoring/recommenders/session-index';
import { Stan } from '@attune/scoring/recommenders/stan';
import { VmisKnn } from '@attune/scoring/recommenders/vmis-knn';
import { AsOf } from './as-of.ts';
import type { Row, SetFiles } from './parts.ts';
import { type SessionTask, sessionParts, sessionTask } from './session-sets.ts';
import { streamQuality } from './stream-quality.ts';
import { qualityOf } from './task.ts';
import { aimed, blended, learnt, type Settings, tuned } from './tune.ts';
import { written } from './written.ts';

/** How a set of sessions is measured. */
export interface SessionSet {
  readonly name: string;
  readonly files: SetFiles;
  readonly references: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

const DAY_MS = 86_400_000;
/** So many questions settings are tried on; weights are learnt on all. */
const TRIED_MAX = 3_000;

/** Measures every model on a set of sessions, by MRR@20, a blend of them, and what learning in the stream gives. */
export function* sessionRows({ name, files, references }: SessionSet): Generator<Row> {
  const { fit, tune, test } = sessionParts(files);
  const trial = sessionTask(fit, tune, TRIED_MAX);
  const final = sessionTask([...fit, ...tune], test);
  const row = (model: string, family: string, settings: Settings, recommender: Recommender): Row => {
    const { hit, mrr } = qualityOf(final, recommender);
    return { set: name, model, settings: written(settings), figures: { 'HR@20': hit, 'MRR@20': mrr }, reference: references[family] ?? {} };
  };
  for (const { model, family, make, settings } of SETTLED) yield row(`${model}, settings of the reference`, family, settings, make(settings)(final));
  const chosen: ((task: SessionTask) => Recommender)[] = [];
  for (const { model, family, make, start, grid } of FAMILIES) {
    const settings = tuned(start, grid, (one) => aimed(trial, 'mrr', make(one)(trial)));
    chosen.push(make(settings));
    yield row(model, family, settings, make(settings)(final));
  }
  const all = sessionTask(fit, tune);
  const weights = learnt(
    all,
    'mrr',
    chosen.map((make) => make(all)),
  );
  const named = Object.fromEntries(FAMILIES.map(({ model }, at) => [model, weights[at] ?? 0]));
  yield row(
    'blend',
    'best',
    named,
    blended(
      final.itemCount,
      chosen.map((make) => make(final)),
      weights,
    ),
  );
  for (const learning of [false, true]) {
    const { hit, mrr } = streamQuality([...fit, ...tune], test, learning);
    const model = learning ? 'sequence rules, learning in the stream' : 'sequence rules, frozen';
    yield {
      set: `${name} stream`,
      model,
      settings: '3 steps',
      figures: { 'HR@20': hit, 'MRR@20': mrr },
      reference: references[learning ? 'stream' : 'frozen'] ?? {},
    };
  }
}

type Make = (settings: Settings) => (task: SessionTask) => Recommender;

const indexes = new WeakMap<SessionTask, SessionIndex>();

function indexOf(task: SessionTask): SessionIndex {
  const index = indexes.get(task) ?? sessionIndex(task.uses);
  indexes.set(task, index);
  return index;
}

const vmis: Make =
  ({ m = 500, k = 100 }) =>
  (task) =>
    new VmisKnn(indexOf(task), { sessionsMax: m, neighbours: k });

const stan: Make =
  ({ m = 500, k = 100, l1 = 1, l2 = 5, l3 = 2 }) =>
  (task) =>
    new Stan(indexOf(task), { sessionsMax: m, neighbours: k, placeScale: l1, dayScale: l2, nearScale: l3 });

const rules =
  (anyOrder: boolean): Make =>
  ({ steps = Number.POSITIVE_INFINITY, halfLife = 0 }) =>
  ({ itemCount, uses }) => {
    const model = new SequenceRules({ itemCount, steps, anyOrder, halfLife });
    for (const { items } of uses.sequences) model.learn(Array.from(items));
    return model;
  };

const popular: Make =
  ({ days = Number.POSITIVE_INFINITY }) =>
  ({ itemCount, uses }) =>
    new AsOf(uses, () => new Popularity(itemCount, days * DAY_MS));

const again: Make =
  ({ halfLife = 1 }) =>
  ({ itemCount }) =>
    new SeenAgain(itemCount, halfLife);

const STAN_START = { m: 500, k: 100, l1: 1, l2: 5, l3: 2 };

const SETTLED: readonly { readonly model: string; readonly family: string; readonly make: Make; readonly settings: Settings }[] = [
  { model: 'popular', family: 'popular', make: popular, settings: {} },
  { model: 'association rules', family: 'ar', make: rules(true), settings: {} },
  { model: 'sequence rules', family: 'sr', make: rules(false), settings: { steps: 3 } },
  { model: 'VMIS-kNN', family: 'vmis', make: vmis, settings: { m: 1502, k: 288 } },
  { model: 'STAN', family: 'stan', make: stan, settings: STAN_START },
];

const FAMILIES: readonly {
  readonly model: string;
  readonly family: string;
  readonly make: Make;
  readonly start: Settings;
  readonly grid: Record<string, readonly number[]>;
}[] = [
  {
    model: 'STAN',
    family: 'stan',
    make: stan,
    start: STAN_START,
    grid: { l1: [0.5, 0.7, 1, 1.5, 2.5], l2: [1, 2.5, 5, 10, 20], l3: [0.7, 1, 1.5, 2, 3], k: [50, 100, 200, 500], m: [500, 1000, 2500] },
  },
  { model: 'VMIS-kNN', family: 'vmis', make: vmis, start: { m: 1502, k: 288 }, grid: { k: [50, 100, 200, 288, 500, 1000], m: [500, 1000, 1502, 2500, 5000] } },
  {
    model: 'sequence rules',
    family: 'sr',
    make: rules(false),
    start: { steps: 3, halfLife: 0 },
    grid: { steps: [1, 2, 3, 5, 10], halfLife: [0, 0.3, 0.5, 1] },
  },
  { model: 'association rules', family: 'ar', make: rules(true), start: { halfLife: 0 }, grid: { halfLife: [0, 0.3, 0.5, 1] } },
  { model: 'seen again', family: '', make: again, start: { halfLife: 1 }, grid: { halfLife: [0.3, 0.5, 1, 2] } },
  { model: 'popular of late', family: 'popular', make: popular, start: { days: 1 }, grid: { days: [0.25, 1, 3, 10] } },
];
