import { isMap, isNode, type Node, parseDocument, visit } from 'yaml';

/** A document with changes laid over it, or what is wrong with the changes. */
export type Overlaid = { readonly kind: 'document'; readonly text: string } | { readonly kind: 'fault'; readonly line: number; readonly fault: string };

/**
 * Lays changes over a document: what is written as a mapping is changed word by word, what is null is taken out, all else replaces what was there, lists too.
 * Changes that say `attune:` are a whole document themselves and stand for it.
 */
export function overlay(document: string, changes: string): Overlaid {
  const asked = parseDocument(changes);
  const [broken] = asked.errors;
  if (broken !== undefined) return { kind: 'fault', line: broken.linePos?.[0].line ?? 1, fault: broken.message.split('\n')[0] ?? '' };
  if (!isMap(asked.contents)) return { kind: 'fault', line: 1, fault: 'The file is not a mapping of words to what they say.' };
  if (asked.has('attune')) return { kind: 'document', text: changes };
  let aliased = false;
  visit(asked, {
    Alias: () => {
      aliased = true;
    },
  });
  if (aliased) return { kind: 'fault', line: 1, fault: 'Aliases are for whole documents: write out what is to change.' };
  const changed = parseDocument(document);
  lay(changed, [], asked.contents);
  return { kind: 'document', text: changed.toString({ lineWidth: 0 }) };
}

function lay(document: ReturnType<typeof parseDocument>, path: readonly unknown[], changes: Node): void {
  if (!isMap(changes) || (path.length > 0 && !isMap(document.getIn(path)))) {
    document.setIn(path, changes);
    return;
  }
  for (const { key, value } of changes.items) {
    const at = [...path, isNode(key) ? key.toJSON() : key];
    if (value === null || (isNode(value) && value.toJSON() === null)) document.deleteIn(at);
    else if (isNode(value)) lay(document, at, value);
  }
}
