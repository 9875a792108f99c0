import { expect, test } from 'vitest';
import { chooseWay, type Machine } from './choose-way.ts';
import { readSettings } from './config.ts';

const given = { ATTUNE_KAFKA_BROKERS: 'kafka:9092', ATTUNE_REDIS_URL: 'redis://redis:6379' };

const aMachine = ({ engine = false, missing = [] }: { engine?: boolean; missing?: string[] } = {}): Machine => ({
  engineAnswers: async () => engine,
  missingPackages: async () => missing,
});

const choose = (env: NodeJS.ProcessEnv, machine = aMachine()) => chooseWay(readSettings(env), machine);

test('given endpoints come before a container engine', async () => {
  await expect(choose(given, aMachine({ engine: true }))).resolves.toBe('env');
});

test('a container engine comes before local processes', async () => {
  await expect(choose({}, aMachine({ engine: true }))).resolves.toBe('containers');
});

test('local processes are used where nothing is given and no engine answers', async () => {
  await expect(choose({})).resolves.toBe('local');
});

test('a forced way wins over given endpoints and an engine', async () => {
  await expect(choose({ ...given, ATTUNE_TEST_PROVISION: 'local' }, aMachine({ engine: true }))).resolves.toBe('local');
});

test('an empty variable counts as absent', async () => {
  await expect(choose({ ATTUNE_KAFKA_BROKERS: '', ATTUNE_TEST_PROVISION: '' })).resolves.toBe('local');
});

test('half of the endpoints is refused, so that no test meets a server that it was not meant for', async () => {
  await expect(choose({ ATTUNE_REDIS_URL: 'redis://redis:6379' })).rejects.toThrow('set both ATTUNE_KAFKA_BROKERS and ATTUNE_REDIS_URL');
});

test('absent servers fail the run with the line that installs them', async () => {
  await expect(choose({}, aMachine({ missing: ['redis-server', 'maven'] }))).rejects.toThrow('apt-get install -y --no-install-recommends redis-server maven');
});

test('forced containers without an engine fail', async () => {
  await expect(choose({ ATTUNE_TEST_PROVISION: 'containers' })).rejects.toThrow('no container engine answers');
});

test('a way that does not exist is named beside those that do', async () => {
  await expect(choose({ ATTUNE_TEST_PROVISION: 'docker' })).rejects.toThrow('ATTUNE_TEST_PROVISION is docker; it takes env, containers, local');
});
