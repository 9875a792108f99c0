import type { LinesOfEvent } from './profile-rules.ts';

/** The items of an event's lines, and the JSON without them. */
export interface CutItems {
  readonly items: readonly string[];
  readonly rest: string;
}

/**
 * The items of the list of lines in a JSON object, found without reading the lines: an order has a hundred of them, and nothing else of them counts. Only where
 * that is sure to find what reading them would: the list stands last, and holds plain lines without escapes and without brackets in their words. Undefined
 * where it is not, and where there is no such list: then the JSON has to be read. The text must be one that JSON.stringify wrote.
 */
export function cutItems(json: string, { each, item }: LinesOfEvent): CutItems | undefined {
  if (each === undefined || !json.endsWith(']}') || json.includes('\\')) return undefined;
  const list = `${JSON.stringify(each)}:[`;
  const from = json.indexOf(list);
  // Nothing opens before it but the object itself, so it is a field of that one.
  if (from < 0 || json.lastIndexOf('{', from) !== 0 || json.lastIndexOf('[', from) >= 0) return undefined;
  const lines = from + list.length;
  // No object as a field of a line, and no list in one or behind them: the first end is the last.
  if (json.includes(':{', lines) || json.indexOf(']', lines) !== json.length - 2) return undefined;
  const comma = json[from - 1] === ',' ? 1 : 0;
  return { items: valuesOf(json, lines, `${JSON.stringify(item)}:`), rest: `${json.slice(0, from - comma)}}` };
}

/** The texts and whole numbers that stand behind a key, which is none but where a line has it: a quote within a word would be an escape. */
function valuesOf(json: string, from: number, key: string): readonly string[] {
  const found: string[] = [];
  for (let at = json.indexOf(key, from); at >= 0; at = json.indexOf(key, at)) {
    at += key.length;
    if (json[at] === '"') {
      const to = json.indexOf('"', at + 1);
      found.push(json.slice(at + 1, to));
      at = to;
    } else {
      const number = wholeNumberAt(json, at);
      if (number !== undefined) found.push(String(number));
    }
  }
  return found;
}

function wholeNumberAt(json: string, from: number): number | undefined {
  let to = from;
  while (!',}'.includes(json[to] ?? '}')) to++;
  const text = json.slice(from, to);
  const value = /^[-\d]/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
