type Fields = Readonly<Record<string, unknown>>;

/** Fields to read of an object, or of each object of a list. */
export interface WantedFields {
  readonly names: readonly string[];
  /** What to read of the field in the same place: a part, or the whole where undefined. */
  readonly within: readonly (WantedFields | undefined)[];
}

/** Fields that are read as they are. */
export const wholeFields = (names: Iterable<string>): WantedFields => {
  const all = [...names];
  return { names: all, within: all.map(() => undefined) };
};

const none: Fields = {};

/**
 * The wanted fields of a JSON object; none where it is something else. The rest is passed over, not read, since an order may have a hundred lines of which only
 * ids count. What is passed over is not checked either: the text comes from JSON.stringify. @throws SyntaxError for what is no JSON, as far as it is read
 */
export function jsonFields(json: string, wanted: WantedFields): Fields {
  const value = new JsonWalk(json).part(wanted);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : none;
}

/** The same of a value that was read already. */
export function pickFields(value: unknown, wanted: WantedFields | undefined): unknown {
  if (wanted === undefined || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one) => pickFields(one, wanted));
  const entries = wanted.names.flatMap((name, i) =>
    Object.hasOwn(value, name) ? [[name, pickFields((value as Fields)[name], wanted.within[i])] as const] : [],
  );
  return Object.fromEntries(entries);
}

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a] as const;
const [OPEN_LIST, CLOSE_LIST, OPEN, CLOSE] = [0x5b, 0x5d, 0x7b, 0x7d] as const;

/** Thrown where a text is not as JSON.stringify writes it, or a key is no plain word. */
const notPlain = new Error('not plain');

/** One walk along a text. */
class JsonWalk {
  readonly #json: string;
  #at = 0;

  constructor(json: string) {
    this.#json = json;
  }

  /** The wanted part of the text. */
  part(wanted: WantedFields): unknown {
    try {
      const value = this.#value(wanted);
      if (this.#at === this.#json.length) return value;
    } catch (fault) {
      if (fault !== notPlain) throw fault;
    }
    return pickFields(JSON.parse(this.#json), wanted);
  }

  #value(wanted: WantedFields | undefined): unknown {
    const unit = this.#json.charCodeAt(this.#at);
    if (wanted !== undefined && unit === OPEN) return this.#object(wanted);
    if (wanted !== undefined && unit === OPEN_LIST) return this.#list(wanted);
    const from = this.#at;
    this.#skip();
    const text = this.#json.slice(from, this.#at);
    return unit === QUOTE && !text.includes('\\') ? text.slice(1, -1) : JSON.parse(text);
  }

  #object(wanted: WantedFields): Fields {
    const found: Record<string, unknown> = {};
    if (this.#json.charCodeAt(this.#at + 1) === CLOSE) this.#at += 2;
    else
      for (let unit = COMMA as number; unit === COMMA; unit = this.#after(CLOSE)) {
        this.#at++;
        const place = this.#key(wanted.names);
        const name = wanted.names[place];
        if (name === undefined) this.#skip();
        else found[name] = this.#value(wanted.within[place]);
      }
    return found;
  }

  #list(wanted: WantedFields): readonly unknown[] {
    const found: unknown[] = [];
    if (this.#json.charCodeAt(this.#at + 1) === CLOSE_LIST) this.#at += 2;
    else
      for (let unit = COMMA as number; unit === COMMA; unit = this.#after(CLOSE_LIST)) {
        this.#at++;
        found.push(this.#value(wanted));
      }
    return found;
  }

  /** Looks at what stands behind a value: a comma, which is left to be read, or the end, which is passed. */
  #after(end: number): number {
    const unit = this.#json.charCodeAt(this.#at);
    if (unit === end) this.#at++;
    else if (unit !== COMMA) throw notPlain;
    return unit;
  }

  /** Reads a key and its colon. Answers its place among the names; -1 for another. */
  #key(names: readonly string[]): number {
    const json = this.#json;
    const from = this.#at + 1;
    let to = from;
    if (json.charCodeAt(this.#at) !== QUOTE) throw notPlain;
    for (let unit = json.charCodeAt(to); unit !== QUOTE; unit = json.charCodeAt(++to)) if (unit === BACKSLASH || to >= json.length) throw notPlain;
    if (json.charCodeAt(to + 1) !== COLON) throw notPlain;
    this.#at = to + 2;
    for (let place = 0; place < names.length; place++) {
      const name = names[place] ?? '';
      if (name.length !== to - from || !json.startsWith(name, from)) continue;
      if (name === '__proto__') throw notPlain; // an assignment would not make a field of it
      return place;
    }
    return -1;
  }

  /** Passes over a value. */
  #skip(): void {
    const json = this.#json;
    let depth = 0;
    let at = this.#at;
    for (; at < json.length; at++) {
      const unit = json.charCodeAt(at);
      if (unit === QUOTE) at = endOfText(json, at);
      else if (unit === OPEN || unit === OPEN_LIST) depth++;
      else if (unit === CLOSE || unit === CLOSE_LIST) {
        if (depth === 0) break;
        depth--;
      } else if (unit === COMMA && depth === 0) break;
    }
    this.#at = at;
  }
}

/** The place of the quote that ends the text which begins here; beyond the end where there is none. */
function endOfText(json: string, from: number): number {
  for (let at = from + 1; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) return at;
    if (unit === BACKSLASH) at++;
  }
  return json.length;
}
