import { randomUUID } from 'node:crypto';
import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import type { ModelFileOf } from '@attune/configuration/fit-model';
import { jsonDoor } from '@attune/grpc/json-door';
import type { Rpc } from '@attune/grpc/rpc';
import type { ErrorCode } from '@attune/kernel/errors';
import { type PartitionStatus, type Processing, Processor } from '@attune/processor/processor';
import type { SlotSource } from '@attune/processor/slot-source';
import type { Standing } from '@attune/processor/standing';
import { type Container, get } from '@attune/runtime/di';
import { silent } from '@attune/runtime/telemetry/port';
import type { KeyRing } from '@attune/sealing/key-ring';
import type { FastifyInstance } from 'fastify';
import { modelFolder } from './adapters/model-folder.ts';
import { basketsOf } from './flows/baskets-of.ts';
import { countDecision, countEmitted } from './flows/count-decisions.ts';
import { type Decide, decide } from './flows/decide.ts';
import { decideOnTransition } from './flows/decide-on-transition.ts';
import { type ExplainDecision, explainDecision } from './flows/explain-decision.ts';
import { type Baskets, followBaskets } from './flows/follow-baskets.ts';
import { followItems } from './flows/follow-items.ts';
import { followModelStates, type ModelStates } from './flows/follow-model-states.ts';
import { type GetCampaignResults, getCampaignResults } from './flows/get-campaign-results.ts';
import { findDecision, keepDecisions } from './flows/keep-decisions.ts';
import { learn } from './flows/learn.ts';
import { loadModels, type Models, modelFileOf } from './flows/load-models.ts';
import { openDecision } from './flows/open-decision.ts';
import { type Predict, predict } from './flows/predict.ts';
import { type Recommend, recommend } from './flows/recommend.ts';
import { recordDecisions } from './flows/record-decisions.ts';
import { DECISIONS, LEARNING, PROFILES } from './flows/records.ts';
import { countRewards } from './flows/reward-emission.ts';
import { CLOCK, EVENT_LOG, type GetFeatures, type GetProfile, type IsErased, STATE_STORE, STOPWATCH } from './ports.ts';
import { scoringRpcs } from './transport/rpc.ts';

// What benches measure recommendations and predictions with.
export { type BasketIndex, basketIndex } from './domain/basket-index.ts';
export { type Basket, type BasketSet, newestBaskets } from './domain/basket-set.ts';
export { predictRow } from './domain/models/predict-row.ts';
export { readTreeModel } from './domain/models/read-tree-model.ts';
// What tells from a log what another policy would have brought.
export type { Estimate, PolicyValue, RefusalReason, Support } from './domain/off-policy/estimate-policy.ts';
export { recommendItems } from './domain/recommend-items.ts';
export { Vocabulary } from './domain/vocabulary.ts';
export { type CampaignEvaluation, type EvaluationPorts, evaluatePolicy, type Judgement } from './flows/evaluate-policy.ts';
export { GENERATIONS } from './flows/follow-baskets.ts';
export { ITEMS } from './flows/follow-items.ts';
export type { Models } from './flows/load-models.ts';
export { CLOCK, EVENT_LOG, STATE_STORE, STOPWATCH } from './ports.ts';

/** The models of a configuration whose files lie below a folder. @throws AttuneError CONFIGURATION_INVALID */
export const modelsIn = (folder: string, configuration: Pick<Configuration, 'models'>): Models => loadModels(configuration, modelFolder(folder));

/** What `attune check` asks of model files below a folder. */
export const modelFilesIn = (folder: string): ModelFileOf => modelFileOf(modelFolder(folder));

/** Where this service stands in the whole. */
export interface ScoringOptions {
  readonly tenant: string;
  readonly ring: KeyRing;
  readonly configurations: Configurations;
  /** The active configuration. */
  readonly configuration: () => Configuration;
  readonly getProfile: GetProfile;
  readonly getFeatures: GetFeatures;
  readonly isErased: IsErased;
  /** What `Predict` scores by; absent = the configuration has no models. */
  readonly models?: Models;
  /** How its processors look at idle partitions, and who hears of their faults. */
  readonly processing?: Processing;
}

/** A running processor as the whole sees it. */
export interface ScoringStage {
  readonly topic: string;
  readonly status: () => readonly PartitionStatus[];
  readonly standing: () => Standing;
  /** Looks at once at what is due; answers how many records that appended. */
  readonly look: () => Promise<number>;
}

/** The running service. */
export interface Scoring {
  readonly processors: readonly ScoringStage[];
  readonly decide: Decide;
  readonly recommend: Recommend;
  readonly predict: Predict;
  /** The index that recommendations come from. */
  readonly baskets: Pick<Baskets, 'current' | 'look'>;
  /** Brings the states of models into use. */
  readonly modelStates: Pick<ModelStates, 'look'>;
  readonly explain: ExplainDecision;
  readonly campaignResults: GetCampaignResults;
  /** The service's calls, for other doors than the app. */
  readonly rpcs: readonly Rpc[];
  /** Stops deciding within `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** What the service keeps in the store, for copies of it. */
export const slotSources = (ring: KeyRing, configurations: Configurations): readonly SlotSource[] => [
  decideOnTransition({ ring, configurationOf: (document) => configurations.of(document), models: noStates }),
  keepDecisions(),
];

/** Whoever copies states folds nothing. */
const noStates = { modelOf: () => undefined, load: async () => undefined };

/** Starts deciding and puts the service's calls onto an app. The topics must exist. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE, LOG_IDENTITY_CHANGED */
export async function scoringOn(
  app: FastifyInstance,
  c: Container,
  { tenant, ring, configurations, configuration, getProfile, getFeatures, isErased, models = new Map(), processing }: ScoringOptions,
): Promise<Scoring> {
  const [log, store, stopwatch] = [get(c, EVENT_LOG), get(c, STATE_STORE), get(c, STOPWATCH)];
  const ports = { log, store, clock: get(c, CLOCK), stopwatch };
  const configurationOf = (document: string): Configuration => configurations.of(document);
  const telemetry = processing?.telemetry ?? silent;
  const counted = countDecision(telemetry);
  const learns = learnsAnything(configuration());
  const states = followModelStates({ log, stopwatch, processing, partitions: () => decisions.status().map(({ partition }) => partition) });
  const [countDecisions, countThem] = [countEmitted(counted), countRewards(telemetry)];
  const decisions = new Processor(decideOnTransition({ ring, configurationOf, models: states }), ports, {
    ...processing,
    counted: (emissions) => {
      countDecisions(emissions);
      countThem(emissions);
    },
  });
  const learner = new Processor(learn(ring), ports, processing);
  const records = new Processor(keepDecisions(), ports, processing);
  const slotsOf = async (processor: { slotOf: Processor<never>['slotOf'] }, topic: string) => ({
    partitions: (await log.identity(topic)).partitions,
    slotOf: (partition: number) => processor.slotOf(partition),
  });
  const slots = await slotsOf(decisions, PROFILES);
  const find = findDecision(store, await slotsOf(records, DECISIONS));
  const open = openDecision({ store, ring, slots, configuration, configurationOf });
  const items = followItems({ ...ports, tenant, configuration });
  await items.start();
  const baskets = followBaskets({ ...ports, tenant, useOf: basketsOf(configuration()), recommenders: configuration().recommenders, processing });
  const notRecorded = (code: ErrorCode): void => processing?.onFault?.({ processor: 'decisions of calls', partition: undefined, code });
  const recorder = recordDecisions({ log, stopwatch, onFault: notRecorded });
  const calls = {
    recommend: recommend({ ...ports, configuration, getFeatures, baskets, items, freshId: () => randomUUID() }),
    predict: predict({ configuration, getFeatures, models }),
    decide: decide({
      log,
      store,
      stopwatch,
      ring,
      slots,
      configuration,
      getProfile,
      find,
      open,
      models: states,
      recorder,
      counted,
      freshId: () => randomUUID(),
    }),
    explain: explainDecision({ ring, find, open, isErased, recent: (id) => recorder.recent(id) }),
    campaignResults: getCampaignResults({ store, slots, configuration }),
  };
  await decisions.start();
  await records.start();
  if (learns) {
    await learner.start();
    states.start();
  }
  const rpcs = scoringRpcs(calls);
  jsonDoor(app, rpcs, () => tenant, telemetry);
  return {
    ...calls,
    rpcs,
    baskets,
    processors: [
      { topic: PROFILES, status: () => decisions.status(), standing: () => decisions.standing(), look: () => decisions.look() },
      { topic: DECISIONS, status: () => records.status(), standing: () => records.standing(), look: () => records.look() },
      ...(learns ? [{ topic: LEARNING, status: () => learner.status(), standing: () => learner.standing(), look: () => learner.look() }] : []),
    ],
    modelStates: states,
    stop: async (graceMs) => {
      await recorder.stop(graceMs);
      await Promise.all([decisions.stop(graceMs), records.stop(graceMs), learns && learner.stop(graceMs), states.stop(), baskets.stop(), items.idle()]);
    },
  };
}

/** Whether any choice learns. */
const learnsAnything = ({ campaigns }: Configuration): boolean =>
  campaigns.some(({ choose, variants }) => [choose, ...variants.map((variant) => variant.choose)].some(({ learn }) => learn !== undefined));
