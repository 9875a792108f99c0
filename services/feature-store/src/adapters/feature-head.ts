import { kindOf } from '../domain/active-feature.ts';
import type { FeatureKind } from '../domain/features/feature-kind.ts';
import { type BytesReader, BytesWriter } from './profile-bytes.ts';

/** What stands before a feature's state, whatever the state: all profiles have the same, but while a configuration changes. */
export interface FeatureHead {
  readonly name: string;
  readonly keyword: string;
  /** Undefined for a kind that this version does not have. */
  readonly kind: FeatureKind<unknown> | undefined;
  readonly signature: number;
  readonly bytes: Uint8Array;
  /** The one that was last seen behind it: most profiles have the same features, so it is most often the next one too. */
  next: FeatureHead | undefined;
}

/** Before the first feature. */
export interface HeadBefore {
  next: FeatureHead | undefined;
}

const heads = new Map<string, FeatureHead>();
const HEADS_MAX = 4_096;

/** The head of a feature, made once. */
export function headOf(name: string, keyword: string, signature: number): FeatureHead {
  const known = heads.get(name);
  if (known?.signature === signature && known.keyword === keyword) return known;
  const bytes = new BytesWriter().text(name).text(keyword).whole(signature).done();
  const made = { name, keyword, kind: kindOf(keyword), signature, bytes, next: undefined };
  if (heads.size >= HEADS_MAX) heads.clear();
  heads.set(name, made);
  return made;
}

/** Reads the head that comes behind another: the one that came there last costs a comparison of bytes, and any other is read word by word. */
export function readHead(reader: BytesReader, before: HeadBefore): FeatureHead {
  const { next } = before;
  if (next && reader.goesOn(next.bytes)) return next;
  const read = headOf(reader.text(), reader.text(), reader.whole());
  before.next = read;
  return read;
}
