import { answerOf, logFault } from '@attune/grpc/fault-answer';
import { errorTable } from '@attune/kernel/errors';
import type { FastifyInstance } from 'fastify';
import type { GetOnlineFeatures, OnlineAnswer } from '../flows/get-online-features.ts';
import { onlineRequest } from './online-request.ts';

/** What is behind Feast's routes. */
export interface FeastPorts {
  readonly getOnlineFeatures: GetOnlineFeatures;
  readonly tenant: string;
  /** Resolves where profiles can be read. @throws AttuneError STORE_UNAVAILABLE */
  readonly readable: () => Promise<void>;
}

/** The part of Feast's feature server that its client reads by: `POST /get-online-features`, answered column by column, and `GET /health`. A fault is answered as everywhere, and once more as `detail`, where clients of Feast look. */
export function feastRoutes(app: FastifyInstance, { getOnlineFeatures, tenant, readable }: FeastPorts): void {
  app.post('/get-online-features', async ({ body, log }, reply) => {
    try {
      const { versions, ...asked } = onlineRequest(body);
      const text = answerText(await getOnlineFeatures(tenant, asked), versions);
      return reply.type('application/json; charset=utf-8').send(text);
    } catch (fault) {
      logFault(log, fault);
      const answer = answerOf(fault);
      return reply.code(errorTable[answer.reason].http).send({ ...answer, detail: `${answer.message} ${answer.fix}` });
    }
  });
  app.get('/health', async () => {
    await readable();
    return { status: 'healthy' };
  });
}

function answerText({ columns, views }: OnlineAnswer, versions: boolean): string {
  const metadata = {
    feature_names: columns.map(({ name }) => name),
    ...(versions && { feature_view_metadata: views.map(({ name, version }) => ({ name, version: versionNumber(version) })) }),
  };
  const results = columns.map(({ values, statuses, eventTimesMs }) => ({
    values: values.map(withPoints),
    statuses,
    event_timestamps: eventTimesMs.map((ms) => new Date(ms).toISOString()),
  }));
  return JSON.stringify({ metadata, results });
}

/** Feast counts versions in 32 bits; a part of the hash is as good as its whole for telling two apart. */
const versionNumber = (version: string): number => Number.parseInt(version.slice(0, 7), 16);

/** In a list with a fraction, whole numbers are written as 1.0: Feast refuses a list of both kinds. */
function withPoints(value: unknown): unknown {
  if (Array.isArray(value)) return value.some((one) => typeof one === 'number' && !Number.isInteger(one)) ? value.map(pointed) : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, withPoints(one)]));
}

/** The language has it since Node 21, and its types do not yet. */
const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };
const pointed = (one: unknown): unknown => (Number.isInteger(one) && Math.abs(Number(one)) < 1e21 ? rawJSON(`${String(one)}.0`) : one);
