/** The known spelling nearest to a written one, or undefined when none is near: at most one change for short words, a third of the letters for long ones. */
export function nearest(written: string, known: Iterable<string>): string | undefined {
  let best: { word: string; distance: number } | undefined;
  for (const word of known) {
    const longest = Math.max(word.length, written.length);
    if (longest > 100) continue;
    const distance = distanceBetween(written.toLowerCase(), word.toLowerCase());
    if (distance <= Math.max(1, Math.floor(longest / 3)) && (best === undefined || distance < best.distance)) best = { word, distance };
  }
  return best?.word;
}

/** The fix for a name that is not known: the nearest spelling, or the list of what is known (at most twelve). */
export function spelling(written: string, known: Iterable<string>): string {
  const words = [...known];
  const near = nearest(written, words);
  if (near !== undefined) return `Did you mean ${near}?`;
  if (words.length === 0) return 'None is declared: declare it, or leave it out.';
  return `Known here: ${words.slice(0, 12).join(', ')}${words.length > 12 ? ', …' : ''}.`;
}

/** Levenshtein's distance (1966), one row at a time; a swap of two neighbours counts as one. */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
