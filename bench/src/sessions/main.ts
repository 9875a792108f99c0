import { vmisSpeed } from './vmis-speed.ts';

try {
  vmisSpeed(process.argv.slice(2));
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 2;
}
