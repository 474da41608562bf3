/** The known word that a mistyped one most likely meant. */

/** Edits (insert, delete, replace, swap neighbours) that turn one word into the other. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (row[j - 1] ?? 0) + 1,
        (above[j] ?? 0) + 1,
        (above[j - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    before = above;
    above = row;
  }
  return above[b.length] ?? 0;
}

/** Numbers count: `rack-4` is another one than `rack-1`, not a slip of it. */
function areNumberedApart(a: string, b: string): boolean {
  return a !== '' && b !== '' && a !== b;
}

function numbersOf(text: string): string {
  return text.replaceAll(/\D+/g, ' ').trim();
}

/** Words beyond this are not compared: nobody mistypes one, and the comparison is quadratic. */
const LENGTH_MAX = 100;

/**
 * The candidate nearest to the word, letter case and `-`/`_` aside, or null when none is near: at most one edit for
 * every three letters, and no other number. The first of equals wins.
 */
export function closest(word: string, candidates: Iterable<string>): string | null {
  const plain = (text: string): string => text.toLowerCase().replaceAll('-', '_');
  const wanted = plain(word);
  if (wanted.length > LENGTH_MAX) return null;
  const numbers = numbersOf(wanted);
  let best: string | null = null;
  let bestEdits = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= bestEdits) continue;
    if (areNumberedApart(numbers, numbersOf(candidate))) continue;
    const edits = distance(wanted, plain(candidate));
    if (edits < bestEdits) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}
