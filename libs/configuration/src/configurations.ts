import { AttuneError } from '@attune/kernel/errors';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';
import { checkConfiguration } from './check.ts';
import type { Configuration } from './configuration.ts';

/** Compiled documents by their version, so that a fold can ask for the one that was active at a record. Each is compiled once; a process meets few. */
export class Configurations {
  readonly #kinds: readonly FeatureKindSpec[];
  readonly #compiled = new Map<string, Configuration>();

  constructor(kinds: readonly FeatureKindSpec[]) {
    this.#kinds = kinds;
  }

  /** The configuration of a document that a log may hold: see CheckOptions.recorded. @throws AttuneError CONFIGURATION_INVALID with line and fault of the first fault */
  of(document: string): Configuration {
    return this.#compiled.get(document) ?? this.#compile(document, true);
  }

  /** The configuration of a document that is to become the active one. @throws AttuneError CONFIGURATION_INVALID with line and fault of the first fault */
  accept(document: string): Configuration {
    return this.#compile(document, false);
  }

  #compile(document: string, recorded: boolean): Configuration {
    const checked = checkConfiguration({ text: document, file: 'attune.yaml', kinds: this.#kinds, recorded });
    if (checked.kind === 'faults') {
      const [first] = checked.faults;
      throw new AttuneError('CONFIGURATION_INVALID', first ? `${first.file}:${first.line}:${first.column} ${first.fault}` : '');
    }
    this.#compiled.set(document, checked.configuration);
    return checked.configuration;
  }
}
