import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Configurations } from '@attune/configuration/configurations';
import { featureKindSpecs } from '@attune/feature-store/composition';
import { AttuneError } from '@attune/kernel/errors';
import { type Models, modelsIn } from '@attune/scoring/composition';
import type { EmbeddedOptions } from './container.ts';

/** The example shop, which runs where no other configuration is named. */
export const EXAMPLE = join(import.meta.dirname, '../../../examples/gift-barn/attune.yaml');

/** Reads and compiles a configuration with what lies beside it. @throws AttuneError CONFIGURATION_INVALID with line and fault, or where the file cannot be read */
export function readConfiguration(path: string): Pick<EmbeddedOptions, 'configuration' | 'configurations' | 'document' | 'messagesFolder' | 'models'> {
  const configurations = new Configurations(featureKindSpecs);
  const document = textOf(path);
  const configuration = configurations.accept(document);
  let models: Models | undefined;
  const read = (): Models => {
    models ??= modelsIn(dirname(path), configuration);
    return models;
  };
  return { configurations, document, configuration, messagesFolder: join(dirname(path), 'messages'), models: read };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    throw new AttuneError('CONFIGURATION_INVALID', `${path} cannot be read.`, fault);
  }
}
