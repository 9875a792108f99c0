import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import { ExplainSegmentResponse } from '@attune/contracts/messages/features/v1/features';
import { rpcClient } from '@attune/grpc/client';
import { Command } from 'commander';
import { calledFault, featuresAddress, subjectOf, type Whom, withWhom } from './whom.ts';

interface Asked extends Whom {
  readonly purpose: string;
  readonly json: boolean;
}

const CALL_DEADLINE_MS = 30_000;

/** `attune why <segment>`: why a customer of a running Attune is in a segment, or is not. */
export function whyCommand(environment: Readonly<Record<string, string | undefined>>): Command {
  const command = new Command('why')
    .description('says why a customer is in a segment or is not: what holds, what misses by how much, what is not known, and when time alone changes it')
    .argument('<segment>', 'of the configuration');
  return withWhom(command)
    .requiredOption('--purpose <purpose>', 'of the configuration: what may not be used for it is not known')
    .option('--json', 'the whole answer as a line of JSON', false)
    .action(async (segment: string, asked: Asked) => {
      const answer = await explained(featuresAddress(asked, environment), segment, asked);
      for (const line of asked.json ? [JSON.stringify(ExplainSegmentResponse.toJSON(answer))] : answer.words) console.log(line);
    });
}

async function explained(address: string, segment: string, asked: Asked): Promise<ExplainSegmentResponse> {
  const request = { subject: subjectOf(asked), segment, purpose: asked.purpose };
  const { calls, close } = rpcClient(address, FeatureStoreServiceService, { deadlineMs: CALL_DEADLINE_MS });
  try {
    return await calls.explainSegment(request);
  } catch (fault) {
    throw calledFault(fault, address);
  } finally {
    close();
  }
}
