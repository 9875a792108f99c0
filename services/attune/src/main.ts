import { AttuneError, errorTable } from '@attune/kernel/errors';
import { Argument, Command } from 'commander';
import { datasetCommand } from './commands/dataset.ts';
import { eraseCommand } from './commands/erase.ts';
import { exportCommand } from './commands/export.ts';
import { identityCommand } from './commands/identity.ts';
import { parityCommand } from './commands/parity.ts';
import { rejectsCommand } from './commands/rejects.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { whatifCommand } from './commands/whatif.ts';
import { whyCommand } from './commands/why.ts';
import { readSettings } from './config.ts';
import { endOnFault } from './end-on-fault.ts';
import { lastLine, logLine } from './log-line.ts';
import { SERVICES, type ServiceName } from './service-names.ts';

const program = new Command('attune').description('Real-time personalization: one stream, one profile, one decision record.');

const ORDER = '{"userId":"ada","event":"Order Completed","properties":{"order_id":"A1","total":24.5,"products":[]}}';

program
  .command('start')
  .description('starts everything in one process, on loopback, with its data under ATTUNE_DATA_DIR (./.attune)')
  .option('--fresh', 'forget the data folder and begin again', false)
  .option('--no-demo', 'do not replay the year of the example shop')
  .action(async (options: { fresh: boolean; demo: boolean }) => {
    // What runs Attune is loaded by the commands that run it: the others answer at once.
    const { start } = await import('./commands/start.ts');
    endOnFault('attune');
    const { address, grpcAddress, replayed } = await start(readSettings(process.env), options);
    console.log(`attune: listening on ${address} (pid ${process.pid})`);
    console.log(`gRPC on ${grpcAddress}`);
    console.log(`look: ${address}   (${process.env['ATTUNE_SMTP_URL'] === undefined ? 'nothing leaves this machine' : 'mails leave by the mail server'})`);
    const history = await replayed;
    if (history === 'interrupted') return;
    if (history === 'replayed') console.log("history is replayed: from here on the clock is the system's, and what you send joins it");
    console.log(`try:  curl -u demo: ${address}/v1/track -d '${ORDER}'`);
    console.log(`then: curl ${address}/attune.features.v1.FeatureStoreService/GetProfile -d '{"subject":{"userId":"ada"},"purpose":"personalise"}'`);
  });

program
  .command('serve')
  .description('starts one service over Kafka and Redis')
  .addArgument(new Argument('<service>', 'which one').choices(SERVICES))
  .action(async (service: ServiceName) => {
    const { serve } = await import('./commands/serve.ts');
    const name = `attune-${service}`;
    endOnFault(name);
    try {
      const { address, grpcAddress } = await serve(service, process.env);
      console.log(logLine(name, 'info', `listening on ${address}, gRPC on ${grpcAddress}`));
    } catch (fault) {
      console.error(lastLine(name, fault));
      process.exit(1);
    }
  });

program
  .command('check')
  .description('checks a configuration and names file, line, fault and fix')
  .argument('[file]', 'the configuration', 'attune.yaml')
  .action(async (file: string) => {
    const [{ check }, { featureKindSpecs }] = await Promise.all([import('./commands/check.ts'), import('@attune/feature-store/composition')]);
    const { exitCode, lines } = await check(file, featureKindSpecs);
    for (const line of lines) console.log(line);
    process.exitCode = exitCode;
  });

program.addCommand(datasetCommand(process.env));
program.addCommand(parityCommand(process.env));
program.addCommand(rejectsCommand(process.env));
program.addCommand(identityCommand(process.env));
program.addCommand(whyCommand(process.env));
program.addCommand(eraseCommand(process.env));
program.addCommand(exportCommand(process.env));
program.addCommand(snapshotCommand(process.env));
program.addCommand(whatifCommand(process.env));

try {
  await program.parseAsync();
} catch (fault) {
  console.error(fault instanceof AttuneError ? `attune: ${fault.message}\n  fix: ${errorTable[fault.code].fix}` : fault);
  // What a refused start began must not keep the process alive.
  process.exit(1);
}
