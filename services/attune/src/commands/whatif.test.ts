import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@attune/runtime/world';
import { afterEach, expect, test, vi } from 'vitest';
import { cleanUp, newFolder, refused, withProcesses } from '../attune-process.fixture.ts';
import { localFoundations } from '../foundations.ts';
import { EXAMPLE, readConfiguration } from '../read-configuration.ts';
import { activateConfiguration, topicsOf } from '../topics.ts';
import { whatifCommand } from './whatif.ts';

vi.setConfig(withProcesses);
afterEach(() => {
  process.exitCode = 0;
  cleanUp();
});

/** The folder of a shop in which nobody was decided about yet. */
async function quietShop(): Promise<string> {
  const folder = newFolder();
  const { log, store, keys } = localFoundations(folder, systemClock);
  const { configuration, document } = readConfiguration(EXAMPLE);
  await log.ensureTopics(topicsOf(1));
  await activateConfiguration({ log, tenant: 'default', configuration, document, partitions: 1, nowMs: systemClock.nowMs() });
  await Promise.all([log.close(), store.close(), keys.close()]);
  return folder;
}

function policyFile(folder: string, text: string): string {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, text);
  return path;
}

/** The lines that the command prints in this process. */
async function whatif(environment: Record<string, string>, ...words: string[]): Promise<readonly string[]> {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  try {
    await whatifCommand(environment).parseAsync(words, { from: 'user' });
    return log.mock.calls.map(([line]) => String(line));
  } finally {
    log.mockRestore();
  }
}

test('a log that holds no decision refuses with its reason and a code of its own, as text and as JSON', async () => {
  const folder = await quietShop();
  const file = policyFile(folder, 'campaigns: { welcome_back: { choose: { explore: 0.3 } } }');
  expect(await whatif({ ATTUNE_DATA_DIR: folder }, file)).toEqual(['welcome_back: 0 decisions about 0 customers', expect.stringContaining('NO_CHOICES')]);
  expect(process.exitCode).toBe(2);
  const [json = ''] = await whatif({}, file, '--data', folder, '--campaign', 'welcome_back', '--json');
  expect(JSON.parse(json)).toMatchObject({ campaign: 'welcome_back', reached: { after: { reason: 'NO_CHOICES' } } });
});

test('a policy file that is wrong is told with what is wrong, and a folder without a log is not made', async () => {
  const folder = await quietShop();
  const asked = (text: string) => whatif({ ATTUNE_DATA_DIR: folder }, policyFile(folder, text));
  await expect(asked('campaigns: { welcome_back: { choose: { explore: 3 } } }')).rejects.toThrow(/policy\.yaml campaigns\.welcome_back\.choose\.explore: /);
  await expect(asked('offers: { we_miss: { cost: 3 } }')).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
  await expect(asked('offers: { we')).rejects.toThrow(/policy\.yaml:1 /);
  await expect(whatif({ ATTUNE_DATA_DIR: folder }, join(folder, 'none.yaml'))).rejects.toThrow('none.yaml cannot be read');
  await expect(whatif({}, policyFile(folder, '{}'), '--data', join(folder, 'none'))).rejects.toMatchObject({ code: 'SETTING_INVALID' });
  await expect(whatif({}, policyFile(folder, '{}'), '--data', folder, '--campaign', 'welcome')).rejects.toThrow('welcome_back');
});

test('as a process it tells its help with an example', () => {
  expect(refused({ PATH: process.env['PATH'] }, 'whatif', '--help').stdout).toContain('choose: { explore: 0.2 }');
});
