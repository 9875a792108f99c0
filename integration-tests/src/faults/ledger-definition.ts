import type { LogRecord } from '@attune/event-log/port';
import type { Emission, ProcessorDefinition } from '@attune/processor/definition';
import { type Ledger, ledgerFold } from '@attune/testing/simulation/ledger-fold';

/** Where one run of the ledger happens: its servers, and names that no other run uses. */
export interface LedgerRun {
  readonly brokers: string;
  readonly redisUrl: string;
  readonly name: string;
  readonly input: string;
  readonly output: string;
}

/** The ledger of the simulation on the topics of this run. */
export function ledgerOf({ name, input, output }: LedgerRun): ProcessorDefinition<Ledger> {
  const redirect = (emission: Emission): Emission => ({ ...emission, topic: output });
  const { rejection } = ledgerFold;
  return {
    ...ledgerFold,
    name,
    topic: input,
    fold(state, record, companion) {
      const result = ledgerFold.fold(state, record, companion);
      return { ...result, emissions: result.emissions.map(redirect) };
    },
    ...(rejection ? { rejection: (record: LogRecord, code: string) => redirect(rejection(record, code)) } : {}),
  };
}
