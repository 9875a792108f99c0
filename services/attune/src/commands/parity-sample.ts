import type { Configuration } from '@attune/configuration/configuration';
import type { Configurations } from '@attune/configuration/configurations';
import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import type { GetFeaturesRequest, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { answerLine, answersOf, parityRequests, type ServedAnswer, sampleProfiles, storedFeatures } from '@attune/feature-store/composition';
import { rpcClient } from '@attune/grpc/client';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import type { Settings } from '../config.ts';
import { openLogAtRest } from '../log-at-rest.ts';
import { openStoreAtRest } from '../store-at-rest.ts';

/** Whom to ask, and about how many. */
export interface Sampling {
  readonly settings: Settings;
  readonly configuration: Configuration;
  readonly configurations: Configurations;
  readonly profiles: number;
  readonly seed: string;
  /** Absent = all of the configuration. */
  readonly purpose?: string;
  /** Where the feature store answers gRPC; absent = its store is read as it reads it. */
  readonly address?: string;
}

const TENANT = 'default';
const CALL_DEADLINE_MS = 30_000;

/** What is served now of profiles drawn from the log, and the same as lines of a file. @throws AttuneError of what is asked */
export async function sampledAnswers(sampling: Sampling): Promise<{ readonly answers: readonly ServedAnswer[]; readonly lines: readonly string[] }> {
  const { configuration, purpose, address } = sampling;
  const source = await openLogAtRest(sampling.settings);
  const asking = address === undefined ? await ofStore(sampling, source) : ofService(address);
  try {
    const profileIds = await sampleProfiles(source.log, sampling.profiles, sampling.seed);
    const [answers, lines]: [ServedAnswer[], string[]] = [[], []];
    for (const one of purpose === undefined ? Object.keys(configuration.purposes) : [purpose])
      for (const request of parityRequests(configuration, one, profileIds)) {
        const response = await asking.ask(request);
        answers.push(...answersOf(response, one));
        lines.push(answerLine(response, one));
      }
    return { answers, lines };
  } finally {
    await asking.close();
    await source.close();
  }
}

interface Asking {
  ask(request: GetFeaturesRequest): Promise<GetFeaturesResponse>;
  close(): Promise<void>;
}

function ofService(address: string): Asking {
  const { calls, close } = rpcClient(address, FeatureStoreServiceService, { deadlineMs: CALL_DEADLINE_MS });
  return { ask: (request) => calls.getFeatures(request), close: async () => close() };
}

async function ofStore({ settings, configuration, configurations }: Sampling, { log, ring }: Awaited<ReturnType<typeof openLogAtRest>>): Promise<Asking> {
  const store = await openStoreAtRest(settings);
  const { partitions } = await log.identity('attune.activity.v1');
  const features = storedFeatures({ store, partitions, ring, configurations, configuration, clock: systemClock, stopwatch: systemStopwatch });
  return { ask: (request) => features(TENANT, request), close: () => store.close() };
}
