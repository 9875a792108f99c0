import { PrivacyServiceService } from '@attune/contracts/grpc/privacy/v1/privacy';
import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { ExportedProfile, ExportedRecord } from '@attune/contracts/messages/privacy/v1/privacy';
import { rpcClient } from '@attune/grpc/client';
import { Command } from 'commander';
import { calledFault, featuresAddress, subjectOf, type Whom, withWhom } from './whom.ts';

const CALL_DEADLINE_MS = 30_000;
const PAGE = 500;

/** `attune export`: everything that a running Attune holds of a customer, a line of JSON each: the profile first, then the records. */
export function exportCommand(environment: Readonly<Record<string, string | undefined>>): Command {
  const command = new Command('export').description(
    'prints everything that is held of a customer, opened: a line of JSON with the profile, then one for each record',
  );
  return withWhom(command).action(async (asked: Whom) => {
    for await (const line of exported(featuresAddress(asked, environment), subjectOf(asked))) console.log(line);
  });
}

async function* exported(address: string, subject: Subject): AsyncIterable<string> {
  const { calls, close } = rpcClient(address, PrivacyServiceService, { deadlineMs: CALL_DEADLINE_MS });
  try {
    let pageToken = '';
    do {
      const { profile, records, nextPageToken } = await calls.exportProfile({ subject, pageSize: PAGE, pageToken });
      if (profile) yield JSON.stringify({ profile: ExportedProfile.toJSON(profile) });
      for (const record of records)
        yield JSON.stringify({ record: { ...(ExportedRecord.toJSON(record) as object), json: JSON.parse(record.json) as unknown } });
      pageToken = nextPageToken;
    } while (pageToken !== '');
  } catch (fault) {
    throw calledFault(fault, address);
  } finally {
    close();
  }
}
