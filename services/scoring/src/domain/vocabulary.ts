/** Small numbers for texts, so that many baskets need little room. Which number a text has depends on when it came; no answer may depend on it. */
export class Vocabulary {
  readonly #texts: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** How many texts have a number. */
  get size(): number {
    return this.#texts.length;
  }

  /** The number of the text, given to it now if it has none. */
  numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#texts.length);
    this.#texts.push(text);
    return this.#texts.length - 1;
  }

  /** The number of the text; undefined where it has none. */
  find(text: string): number | undefined {
    return this.#numbers.get(text);
  }

  /** The text of a number; empty for one that was not given. */
  textOf(number: number): string {
    return this.#texts[number] ?? '';
  }
}
