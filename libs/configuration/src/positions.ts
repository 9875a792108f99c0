import { type Document, isAlias, isCollection, isMap, isNode, isScalar, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';

export type Path = readonly (string | number)[];

/** A place in the file; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface PositionedDocument {
  readonly document: Document.Parsed<ParsedNode>;
  /** Where the value of a path stands; of a missing one, where the nearest parent that is there stands. */
  readonly valueAt: (path: Path) => Position;
  /** Where the key of a path stands; falls back to `valueAt`. */
  readonly keyAt: (path: Path) => Position;
  /** The place of an offset in the text. */
  readonly at: (offset: number) => Position;
}

/** Parses YAML 1.2 and remembers where everything stands. A key that stands twice is left to the caller: the library compares all pairs. Throws RangeError when the nesting exhausts the stack. */
export function parseWithPositions(text: string): PositionedDocument {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error', uniqueKeys: false });
  const at = (offset: number): Position => {
    const { line, col } = lineCounter.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const valueAt = (path: Path): Position => {
    const node = nodeAt(document, path);
    if (isNode(node) && node.range) return at(node.range[0]);
    return path.length === 0 ? { line: 1, column: 1 } : keyAt(path.slice(0, -1));
  };
  const keyAt = (path: Path): Position => {
    const key = keyNode(document, path);
    return key?.range ? at(key.range[0]) : valueAt(path);
  };
  return { document, valueAt, keyAt, at };
}

function nodeAt(document: Document.Parsed, path: Path): unknown {
  let node: unknown = document.contents;
  for (const key of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (!isCollection(node)) return undefined;
    node = node.get(key, true);
  }
  return node;
}

function keyNode(document: Document.Parsed, path: Path): Node | undefined {
  if (path.length === 0) return undefined;
  const parent = nodeAt(document, path.slice(0, -1));
  if (!isMap(parent)) return undefined;
  const key = parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(path.at(-1)))?.key;
  return isNode(key) ? key : undefined;
}
