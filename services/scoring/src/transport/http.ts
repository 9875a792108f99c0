import {
  DecideRequest,
  DecideResponse,
  ExplainDecisionRequest,
  ExplainDecisionResponse,
  GetCampaignResultsResponse,
} from '@attune/contracts/messages/scoring/v1/scoring';
import { readRequest } from '@attune/grpc/json-request';
import type { FastifyInstance } from 'fastify';
import type { Decide } from '../flows/decide.ts';
import type { ExplainDecision } from '../flows/explain-decision.ts';
import type { GetCampaignResults } from '../flows/get-campaign-results.ts';

/** The flows behind the calls. */
export interface ScoringCalls {
  readonly decide: Decide;
  readonly explain: ExplainDecision;
  readonly campaignResults: GetCampaignResults;
}

/** The unary calls of ScoringService as JSON (protobuf's mapping; snake_case accepted). */
export function scoringRoutes(app: FastifyInstance, { decide, explain, campaignResults }: ScoringCalls, tenant: string): void {
  const path = (method: string): string => `/attune.scoring.v1.ScoringService/${method}`;
  app.post(path('Decide'), async ({ body }) => DecideResponse.toJSON(await decide(tenant, readRequest(body, DecideRequest))));
  app.post(path('ExplainDecision'), async ({ body }) => ExplainDecisionResponse.toJSON(await explain(tenant, readRequest(body, ExplainDecisionRequest))));
  app.post(path('GetCampaignResults'), async () => GetCampaignResultsResponse.toJSON(await campaignResults(tenant)));
}
