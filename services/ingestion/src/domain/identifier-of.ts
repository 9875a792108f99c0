import type { Fault } from './fault.ts';
import { hasControl } from './text.ts';

/** By what an application names a customer. */
export interface Identifier {
  readonly kind: 'user' | 'anonymous';
  readonly value: string;
}

/** No text of the sender is longer where Attune uses it as a name. */
export const IDENTIFIER_CHARACTERS_MAX = 256;
const JUNK: readonly string[] = ['', 'null', '0', 'guest', 'undefined', 'none', 'nil', 'nan', 'anonymous', '[object object]'];
const FIELDS = [
  ['userId', 'user'],
  ['anonymousId', 'anonymous'],
] as const;

/** The strongest identifier of a call: userId before anonymousId. Segment's clients send null for the one that they do not have. */
export function identifierOf(body: Readonly<Record<string, unknown>>): Identifier | Fault {
  for (const [field, kind] of FIELDS) {
    const value = body[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number') return { code: 'IDENTIFIER_INVALID', field };
    const text = String(value);
    const code = identifierFault(text);
    return code === undefined ? { kind, value: text } : { code, field };
  }
  return { code: 'IDENTIFIER_MISSING', field: 'userId' };
}

/**
 * The anonymous identifiers that a call of a known customer names beside the userId, at most two: the same person, who was not known by name before.
 * An alias call names one as its previousId. What is junk joins nobody, and is no fault of the event.
 */
export function alsoKnownBy(body: Readonly<Record<string, unknown>>, { kind }: Identifier): readonly string[] {
  return kind === 'user' ? besideUser(body).filter((text) => identifierFault(text) === undefined) : [];
}

/** How many placeholders a call of a known customer names beside the userId. */
export const junkBeside = (body: Readonly<Record<string, unknown>>, { kind }: Identifier): number =>
  kind === 'user' ? besideUser(body).filter((text) => identifierFault(text) === 'IDENTIFIER_JUNK').length : 0;

function besideUser(body: Readonly<Record<string, unknown>>): readonly string[] {
  const named = body['type'] === 'alias' ? [body['previousId'], body['anonymousId']] : [body['anonymousId']];
  const texts = named.filter((value) => typeof value === 'string' || typeof value === 'number').map(String);
  return [...new Set(texts)];
}

/** What is wrong with an identifier: too long, control characters, or a placeholder that many would share; undefined where nothing is. */
export function identifierFault(text: string): 'IDENTIFIER_INVALID' | 'IDENTIFIER_JUNK' | undefined {
  if (text.length > IDENTIFIER_CHARACTERS_MAX || hasControl(text)) return 'IDENTIFIER_INVALID';
  return JUNK.includes(text.trim().toLowerCase()) || /^[0-]+$/.test(text) ? 'IDENTIFIER_JUNK' : undefined;
}
