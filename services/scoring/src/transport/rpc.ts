import { ScoringServiceService } from '@attune/contracts/grpc/scoring/v1/scoring';
import * as scoring from '@attune/contracts/messages/scoring/v1/scoring';
import { type Rpc, rpcTable } from '@attune/grpc/rpc';
import type { Decide } from '../flows/decide.ts';
import type { ExplainDecision } from '../flows/explain-decision.ts';
import type { GetCampaignResults } from '../flows/get-campaign-results.ts';
import type { Predict } from '../flows/predict.ts';
import type { Recommend } from '../flows/recommend.ts';

/** The flows behind the calls. */
export interface ScoringCalls {
  readonly decide: Decide;
  readonly recommend: Recommend;
  readonly predict: Predict;
  readonly explain: ExplainDecision;
  readonly campaignResults: GetCampaignResults;
}

/** The calls of ScoringService. */
export const scoringRpcs = ({ decide, recommend, predict, explain, campaignResults }: ScoringCalls): readonly Rpc[] =>
  rpcTable(ScoringServiceService, {
    decide: { request: scoring.DecideRequest, response: scoring.DecideResponse, flow: decide },
    recommend: { request: scoring.RecommendRequest, response: scoring.RecommendResponse, flow: recommend },
    predict: { request: scoring.PredictRequest, response: scoring.PredictResponse, flow: predict },
    explainDecision: { request: scoring.ExplainDecisionRequest, response: scoring.ExplainDecisionResponse, flow: explain },
    getCampaignResults: { request: scoring.GetCampaignResultsRequest, response: scoring.GetCampaignResultsResponse, flow: campaignResults },
  });
