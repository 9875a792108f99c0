import type { FeatureCell } from '../domain/profile.ts';
import type { FeatureHead } from './feature-head.ts';
import type { BytesReader } from './profile-bytes.ts';

/** Where a feature lies in the bytes of a profile. */
export interface StoredAt {
  readonly reader: BytesReader;
  /** Where its head begins. */
  readonly from: number;
  readonly personal: boolean;
}

/** A feature as it lies in the bytes of a profile, which it holds: most are copied as they are, so the state is read when it is first asked for. @throws from `state` what the kind's `decode` throws */
export class StoredCell implements FeatureCell {
  readonly kind: FeatureCell['kind'];
  readonly signature: number;
  readonly personal: boolean;
  newestMs: number;
  bytes: Uint8Array | undefined;
  readonly from: number;
  readonly to: number;
  readonly #all: Uint8Array;
  readonly #at: number;
  #isRead = false;
  #state: unknown;

  /** Reads what comes behind the head. @throws AttuneError STATE_UNREADABLE where it is cut */
  constructor(kind: FeatureCell['kind'], { signature }: FeatureHead, { reader, from, personal }: StoredAt) {
    this.kind = kind;
    this.signature = signature;
    this.personal = personal;
    this.newestMs = reader.whole();
    const state = reader.past();
    this.#all = reader.all;
    this.#at = state;
    this.bytes = reader.all;
    this.from = from;
    this.to = reader.at;
  }

  get state(): unknown {
    if (!this.#isRead) this.state = this.kind.decode(this.#all.subarray(this.#at, this.to));
    return this.#state;
  }

  set state(state: unknown) {
    this.#state = state;
    this.#isRead = true;
  }
}
