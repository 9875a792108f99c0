import { nearest } from '@attune/kernel/nearest';
import type { DescMessage } from '@bufbuild/protobuf';

/** Where something is not what the contract says, and what is expected there. */
export interface Misfit {
  /** From the body down, in the spelling of the sender; '' = the body itself. */
  readonly path: string;
  /** A sentence. */
  readonly expected: string;
}

const LISTED_MAX = 12;

/** Known names, at most twelve, as one reads them. */
export const listed = (names: readonly string[]): string => [...names.slice(0, LISTED_MAX), ...(names.length > LISTED_MAX ? ['…'] : [])].join(', ');

/** What is said of a name that the message does not have: where it stands, and those nearest to it. The name itself may be anything, and is not repeated. */
export function unknownName(name: string, at: string, { shape, path }: { readonly shape: DescMessage; readonly path: string }): string {
  const known = shape.fields.map((field) => (name.includes('_') ? field.name : field.jsonName));
  const near = nearest(name, known);
  const hint = near === undefined ? '' : `; the nearest known is ${near}`;
  return `${path === '' ? 'The body' : 'It'} has an unknown name, number ${at}${hint}. ${known.length === 0 ? 'It takes none' : `Known are ${listed(known)}`}.`;
}
