import { FeatureStoreServiceService } from '@attune/contracts/grpc/features/v1/features';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { ExplainSegmentResponse } from '@attune/contracts/messages/features/v1/features';
import { rpcClient } from '@attune/grpc/client';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import { Command } from 'commander';

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly user?: string;
  readonly anonymous?: string;
  readonly profile?: string;
  readonly purpose: string;
  readonly address?: string;
  readonly json: boolean;
}

const CALL_DEADLINE_MS = 30_000;
const ONE_PROCESS = '127.0.0.1:50051';

/** `attune why <segment>`: why a customer of a running Attune is in a segment, or is not. */
export function whyCommand(environment: Environment): Command {
  return new Command('why')
    .description('says why a customer is in a segment or is not: what holds, what misses by how much, what is not known, and when time alone changes it')
    .argument('<segment>', 'of the configuration')
    .option('--user <id>', 'the customer, by userId')
    .option('--anonymous <id>', 'the visitor, by anonymousId')
    .option('--profile <id>', "the customer, by Attune's own id")
    .requiredOption('--purpose <purpose>', 'of the configuration: what may not be used for it is not known')
    .option('--address <host:port>', `where the feature store answers gRPC (default: ATTUNE_FEATURES_ADDR, else ${ONE_PROCESS})`)
    .option('--json', 'the whole answer as a line of JSON', false)
    .action(async (segment: string, asked: Asked) => {
      const answer = await explained(asked.address ?? environment['ATTUNE_FEATURES_ADDR'] ?? ONE_PROCESS, segment, asked);
      for (const line of asked.json ? [JSON.stringify(ExplainSegmentResponse.toJSON(answer))] : answer.words) console.log(line);
    });
}

async function explained(address: string, segment: string, asked: Asked): Promise<ExplainSegmentResponse> {
  const request = { subject: subjectOf(asked), segment, purpose: asked.purpose };
  const { calls, close } = rpcClient(address, FeatureStoreServiceService, { deadlineMs: CALL_DEADLINE_MS });
  try {
    return await calls.explainSegment(request);
  } catch (fault) {
    const code = codeOf(fault);
    const told = fault instanceof AttuneError && code !== 'SERVICE_UNAVAILABLE' ? fault.detail : '';
    const hint = HINTS.has(code) ? 'Name the gRPC address (not that of HTTP) by --address or ATTUNE_FEATURES_ADDR.' : '';
    throw new AttuneError(code, [told, `At ${address}.`, hint].filter((words) => words !== '').join(' '), fault);
  } finally {
    close();
  }
}

const HINTS: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'METHOD_UNKNOWN']);

function subjectOf({ user, anonymous, profile }: Asked): Subject {
  const named = [
    user !== undefined && { $case: 'userId' as const, value: user },
    anonymous !== undefined && { $case: 'anonymousId' as const, value: anonymous },
    profile !== undefined && { $case: 'profileId' as const, value: profile },
  ].filter((id) => id !== false);
  const [id] = named;
  if (id === undefined || named.length > 1) throw new AttuneError('REQUEST_INVALID', 'Name one customer, by --user, --anonymous or --profile.');
  return { id };
}
