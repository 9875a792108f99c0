import { machineLines } from '../machine.ts';
import { quality } from './quality.ts';

try {
  if (!process.argv.includes('--help')) for (const line of await machineLines()) console.log(line);
  quality(process.argv.slice(2), process.env);
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault);
  process.exitCode = 2;
}
