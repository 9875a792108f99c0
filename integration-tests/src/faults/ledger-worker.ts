/** A process that folds the ledger until it is killed, or until the test that started it is gone. Its one argument is a LedgerRun in JSON. */
import { KafkaEventLog } from '@attune/event-log/kafka-event-log';
import { Processor } from '@attune/processor/processor';
import { systemClock, systemStopwatch } from '@attune/runtime/world';
import { RedisStateStore } from '@attune/state-store/redis-state-store';
import { type LedgerRun, ledgerOf } from './ledger-definition.ts';

const run = JSON.parse(process.argv[2] ?? '') as LedgerRun;
const log = new KafkaEventLog({ brokers: run.brokers.split(','), sessionTimeoutMs: 1_000, heartbeatMs: 250 });
const store = new RedisStateStore({ url: run.redisUrl });
process.stdin.resume().on('end', () => process.exit());
await store.connected();
await new Processor(ledgerOf(run), { log, store, clock: systemClock, stopwatch: systemStopwatch }, { tendEveryMs: 300 }).start();
