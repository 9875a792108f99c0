import { AttuneError } from '@attune/kernel/errors';
import { Command } from 'commander';
import { readSettings } from '../config.ts';
import { withIdentityCalls } from './identity-calls.ts';
import { historyLines, quarantined, quarantineLines } from './identity-lines.ts';
import { subjectOf } from './whom.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Asked {
  readonly user?: string;
  readonly anonymous?: string;
  readonly leaf?: string;
  readonly address?: string;
  readonly json: boolean;
}

/** `attune identity`: what became of identifiers of a running Attune. */
export function identityCommand(environment: Environment): Command {
  const identity = new Command('identity').description('whose an identifier is, what joins nobody, and the way back');
  const addressOf = ({ address }: Pick<Asked, 'address'>): string => address ?? readSettings(environment).ATTUNE_INGESTION_ADDR;
  const subcommand = (words: string, description: string): Command =>
    identity
      .command(words)
      .description(description)
      .option('--address <host:port>', 'where ingestion answers gRPC (default: ATTUNE_INGESTION_ADDR, else 127.0.0.1:50051)')
      .option('--json', 'JSON instead of text', false);
  withIdentifier(subcommand('history', 'tells whom an identifier was joined with, when, and by which record')).action(async (asked: Asked) =>
    print(await withIdentityCalls(addressOf(asked), async (calls) => historyLines(await calls.history({ identifier: namedBy(asked) }), asked))),
  );
  subcommand('quarantine', 'lists the identifiers that join nobody, since too many are joined with them; by keyed hash').action(async (asked: Asked) =>
    print(quarantineLines(await withIdentityCalls(addressOf(asked), quarantined), asked)),
  );
  withIdentifier(subcommand('allow', 'lets a quarantined identifier be joined again, from the next event on that names it with a customer')).action(
    async (asked: Asked) => {
      const { position } = await withIdentityCalls(addressOf(asked), (calls) => calls.allowIdentifier({ identifier: namedBy(asked) }));
      print([
        asked.json
          ? JSON.stringify({ partition: position?.partition, offset: Number(position?.offset) })
          : 'allowed: from the next event on it may be joined again',
      ]);
    },
  );
  return identity;
}

/** Gives a command the options that name an identifier. */
export const withIdentifier = (command: Command): Command =>
  command
    .option('--user <id>', 'a customer, by userId')
    .option('--anonymous <id>', 'a device or visitor, by anonymousId')
    .option('--leaf <hash>', 'by its keyed hash, as lists have it');

/** The one identifier that is named. @throws AttuneError REQUEST_INVALID for none and for several */
export function namedBy({ leaf, user, anonymous }: Pick<Asked, 'leaf' | 'user' | 'anonymous'>) {
  if (leaf === undefined) {
    if (user === undefined && anonymous === undefined) throw new AttuneError('REQUEST_INVALID', 'Name one identifier, by --user, --anonymous or --leaf.');
    return { $case: 'subject' as const, value: subjectOf({ ...(user !== undefined && { user }), ...(anonymous !== undefined && { anonymous }) }) };
  }
  if (user !== undefined || anonymous !== undefined) throw new AttuneError('REQUEST_INVALID', 'Name one identifier, by --user, --anonymous or --leaf.');
  return { $case: 'leaf' as const, value: leaf };
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}
