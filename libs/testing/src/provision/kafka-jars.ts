import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from './config.ts';

const pom = fileURLToPath(new URL('../../../../tools/kafka/pom.xml', import.meta.url));

/** The folder of a broker's jars, fetched by Maven the first time (about 45 MB) and kept in the user's cache for each version of the pom. */
export async function kafkaJars(): Promise<string> {
  const version = /<kafka\.version>(.+)<\/kafka\.version>/.exec(await readFile(pom, 'utf8'))?.[1];
  const folder = join(cacheFolder(), `kafka-jars-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const part = await mkdtemp(`${folder}.part-`);
  await promisify(execFile)('mvn', ['-B', '-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${part}`, '-DincludeScope=runtime']);
  try {
    await rename(part, folder);
  } catch (fault) {
    // Another run was faster: its folder is whole, because it too was renamed into place.
    await rm(part, { recursive: true });
    if (!existsSync(folder)) throw fault;
  }
  return folder;
}
