import type { FeatureCell } from '../domain/profile.ts';

/** A feature as it lies in the bytes of a profile. */
export type StoredFeature = Omit<FeatureCell, 'state' | 'bytes'> & { readonly bytes: Uint8Array };

/** Makes the cell of a stored feature. */
export type CellOf = (stored: StoredFeature) => FeatureCell;

/** For folding: the state is read at once, so that bytes of another version are found before anything is folded. */
export const foldedCell: CellOf = ({ kind, signature, personal, newestMs, bytes, from, to }) => {
  const state = kind.decode(bytes.subarray(from, to));
  return { kind, signature, personal, state, newestMs, bytes, from, to };
};

/** For reading: the state is read when it is first asked for, and holds all bytes that it was read from. @throws from `state` what the kind's `decode` throws */
export const readCell: CellOf = (stored) => new ReadCell(stored);

class ReadCell implements FeatureCell {
  readonly kind: FeatureCell['kind'];
  readonly signature: number;
  readonly personal: boolean;
  readonly newestMs: number;
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
  #state: unknown;
  #read = false;

  constructor({ kind, signature, personal, newestMs, bytes, from, to }: StoredFeature) {
    this.kind = kind;
    this.signature = signature;
    this.personal = personal;
    this.newestMs = newestMs;
    this.bytes = bytes;
    this.from = from;
    this.to = to;
  }

  get state(): unknown {
    if (!this.#read) {
      this.#state = this.kind.decode(this.bytes.subarray(this.from, this.to));
      this.#read = true;
    }
    return this.#state;
  }
}
