import { codeOf, type ErrorCode, errorTable } from '@attune/kernel/errors';
import { FoldFault } from './step.ts';

/** What a partition was doing when a fault came: taking the slot over, folding, or publishing. */
export type FaultPlace = 'adopting' | 'folding' | 'publishing';

/** The faults that a partition has now, one a place. A fault lasts until that place has succeeded once, not until it is tried again. */
export class PartitionFaults {
  readonly #codes = new Map<FaultPlace, ErrorCode>();
  readonly #onFault: (code: ErrorCode) => void;

  /** `onFault` hears each code once, until the place succeeds or meets another one. */
  constructor(onFault: (code: ErrorCode) => void) {
    this.#onFault = onFault;
  }

  /** Notes a fault. True when the same may succeed later without a change. */
  note(place: FaultPlace, fault: unknown): boolean {
    const code = codeOf(fault instanceof FoldFault ? fault.cause : fault);
    const known = this.#codes.get(place);
    this.#codes.set(place, code);
    if (known !== code) this.#onFault(code);
    return errorTable[code].retriable;
  }

  /** The place has succeeded. */
  clear(place: FaultPlace): void {
    this.#codes.delete(place);
  }

  /** The code of a fault that does not pass by itself; undefined where there is none. */
  get stoppedBy(): ErrorCode | undefined {
    return [...this.#codes.values()].find((code) => !errorTable[code].retriable);
  }

  /** True when nothing can be published until somebody mends it. */
  get publishingStopped(): boolean {
    const code = this.#codes.get('publishing');
    return code !== undefined && !errorTable[code].retriable;
  }
}
