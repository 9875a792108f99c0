/** What a set is split into: models are tuned by what they foretell of `tune` from `fit`, and measured by what they foretell of `test` from both. */
export interface Parts<One> {
  readonly fit: readonly One[];
  readonly tune: readonly One[];
  readonly test: readonly One[];
  /** True where the test part was given, not the validation part taken for it. */
  readonly withheld: boolean;
}

/** Files of one set. */
export interface SetFiles {
  readonly train: string;
  readonly valid: string;
  readonly test?: string | undefined;
  /** Titles, categories or words of items; persons. */
  readonly items?: string | undefined;
  readonly users?: string | undefined;
}

/** With a test file: fit on train, tune on valid. Without: valid is what is foretold, and what is tuned on is cut from train, so that it was not looked at. */
export function partsOf<One>(
  { train, valid, test }: SetFiles,
  read: (file: string) => readonly One[],
  cut: (all: readonly One[]) => readonly [readonly One[], readonly One[]],
): Parts<One> {
  if (test !== undefined) return { fit: read(train), tune: read(valid), test: read(test), withheld: true };
  const [fit, tune] = cut(read(train));
  return { fit, tune, test: read(valid), withheld: false };
}

/** A line of the table. */
export interface Row {
  readonly set: string;
  readonly model: string;
  readonly settings: string;
  /** By metric, and beside it what the best of its family of the reference reached on the withheld part. */
  readonly figures: Readonly<Record<string, number>>;
  readonly reference: Readonly<Record<string, number>>;
}
