import type { Subject } from '@attune/contracts/messages/common/v1/common';
import { AttuneError, codeOf } from '@attune/kernel/errors';
import type { Command } from 'commander';

/** A customer as the command line names one, and where to ask. */
export interface Whom {
  readonly user?: string;
  readonly anonymous?: string;
  readonly profile?: string;
  readonly address?: string;
}

/** gRPC of the one process. */
const ONE_PROCESS = '127.0.0.1:50051';

/** Gives a command the options that name a customer and the feature store. */
export const withWhom = (command: Command): Command =>
  withAddress(
    command
      .option('--user <id>', 'the customer, by userId')
      .option('--anonymous <id>', 'the visitor, by anonymousId')
      .option('--profile <id>', "the customer, by Attune's own id"),
  );

/** Gives a command the option that names the feature store. */
export const withAddress = (command: Command): Command =>
  command.option('--address <host:port>', `where the feature store answers gRPC (default: ATTUNE_FEATURES_ADDR, else ${ONE_PROCESS})`);

/** Where the feature store answers gRPC. */
export const featuresAddress = ({ address }: Pick<Whom, 'address'>, environment: Readonly<Record<string, string | undefined>>): string =>
  address ?? environment['ATTUNE_FEATURES_ADDR'] ?? ONE_PROCESS;

/** The one customer that is named. @throws AttuneError REQUEST_INVALID for none and for several */
export function subjectOf({ user, anonymous, profile }: Whom): Subject {
  const named = [
    user !== undefined && { $case: 'userId' as const, value: user },
    anonymous !== undefined && { $case: 'anonymousId' as const, value: anonymous },
    profile !== undefined && { $case: 'profileId' as const, value: profile },
  ].filter((id) => id !== false);
  const [id] = named;
  if (id === undefined || named.length > 1) throw new AttuneError('REQUEST_INVALID', 'Name one customer, by --user, --anonymous or --profile.');
  return { id };
}

const HINTS: ReadonlySet<string> = new Set(['SERVICE_UNAVAILABLE', 'METHOD_UNKNOWN']);

/** The fault of a call with the address that was called, and what helps where nobody answers there. */
export function calledFault(fault: unknown, address: string): AttuneError {
  const code = codeOf(fault);
  const told = fault instanceof AttuneError && code !== 'SERVICE_UNAVAILABLE' ? fault.detail : '';
  const hint = HINTS.has(code) ? 'Name the gRPC address (not that of HTTP) by --address or ATTUNE_FEATURES_ADDR.' : '';
  return new AttuneError(code, [told, `At ${address}.`, hint].filter((words) => words !== '').join(' '), fault);
}
