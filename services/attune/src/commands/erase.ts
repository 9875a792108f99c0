import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import { EraseProfileResponse } from '@attune/contracts/messages/privacy/v1/privacy';
import { rpcClient } from '@attune/grpc/client';
import { AttuneError } from '@attune/kernel/errors';
import { Command } from 'commander';
import { calledFault, featuresAddress, subjectOf, type Whom, withWhom } from './whom.ts';

interface Asked extends Whom {
  readonly yes: boolean;
  readonly json: boolean;
}

const CALL_DEADLINE_MS = 30_000;

/** `attune erase`: erases a customer of a running Attune for good. */
export function eraseCommand(environment: Readonly<Record<string, string | undefined>>): Command {
  const command = new Command('erase').description('erases a customer for good: destroys the keys, and lets go of profile, decisions, ledger and inbox');
  return withWhom(command)
    .option('--yes', 'it is meant: nothing brings the customer back', false)
    .option('--json', 'the answer as a line of JSON', false)
    .action(async (asked: Asked) => {
      const subject = subjectOf(asked);
      if (!asked.yes) throw new AttuneError('REQUEST_INVALID', 'Nothing brings an erased customer back. Add --yes where it is meant.');
      const answer = await erased(featuresAddress(asked, environment), subject);
      if (asked.json) return console.log(JSON.stringify(EraseProfileResponse.toJSON(answer)));
      const { profileId, erasedAtMs, position } = answer;
      const words = position === undefined ? 'was erased before, at' : 'is erased, at';
      console.log(`profile ${profileId} ${words} ${new Date(Number(erasedAtMs)).toISOString()}`);
      console.log('What applications wrote into attune.events.v1, and refused events, go with their retention: see docs/rights.md.');
    });
}

async function erased(address: string, subject: ReturnType<typeof subjectOf>): Promise<EraseProfileResponse> {
  const { calls, close } = rpcClient(address, PrivacyServiceService, { deadlineMs: CALL_DEADLINE_MS });
  try {
    return await calls.eraseProfile({ subject, messageId: '' });
  } catch (fault) {
    throw calledFault(fault, address);
  } finally {
    close();
  }
}
