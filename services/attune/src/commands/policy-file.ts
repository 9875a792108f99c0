import { readFileSync } from 'node:fs';
import { checkConfiguration } from '@attune/configuration/check';
import { overlay } from '@attune/configuration/overlay';
import { AttuneError } from '@attune/kernel/errors';
import type { FeatureKindSpec } from '@attune/kernel/feature-kind';

/**
 * The document that a policy file stands for: a whole configuration, or what of the active one is to change.
 * @throws AttuneError CONFIGURATION_INVALID with the first fault, and where the file cannot be read
 */
export function readPolicyFile(path: string, kinds: readonly FeatureKindSpec[]): (active: string) => string {
  const changes = textOf(path);
  return (active) => {
    const laid = overlay(active, changes);
    if (laid.kind === 'fault') throw new AttuneError('CONFIGURATION_INVALID', `${path}:${laid.line} ${laid.fault}`);
    const checked = checkConfiguration({ text: laid.text, file: path, kinds });
    const first = checked.kind === 'faults' ? checked.faults[0] : undefined;
    if (first === undefined) return laid.text;
    // The lines are those of the whole document, which nobody has written where changes were laid over it.
    const where = laid.text === changes ? `${path}:${first.line}:${first.column}` : path;
    throw new AttuneError('CONFIGURATION_INVALID', `${where} ${first.path === '' ? '' : `${first.path}: `}${first.fault} → ${first.fix}`);
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (fault) {
    throw new AttuneError('CONFIGURATION_INVALID', `${path} cannot be read.`, fault);
  }
}
