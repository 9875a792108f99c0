import type { Review } from './compile.ts';
import type { Compiled, KnownNames, Refused } from './conditions.ts';
import type { Path } from './positions.ts';
import type { AttuneDocument } from './schema.ts';

/** What the rules of a document are compiled with. */
export interface Rules {
  readonly document: AttuneDocument;
  readonly review: Review;
  readonly names: KnownNames;
  readonly messages: readonly string[] | undefined;
}

/** A compiled expression; undefined, with a finding, where it was refused. */
export function accepted<Answer>(result: Compiled<Answer> | Refused, path: Path, review: Review): Compiled<Answer> | undefined {
  if (result.kind === 'compiled') return result;
  review.findings.push({ path, fault: result.fault, fix: result.fix });
  return undefined;
}
