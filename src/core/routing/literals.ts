/**
 * What every text that a pattern takes begins with or holds. It only narrows down which patterns are worth a try: what is
 * not understood here says nothing, and the pattern itself decides.
 */

/** One of the alternatives of a pattern. */
export interface Literal {
  /** What each text that it takes begins with; may be empty. */
  readonly prefix: string;
  /** Nothing comes behind the prefix. */
  readonly isWhole: boolean;
  /** What each text that it takes has somewhere in it; may be empty. */
  readonly inside: string;
}

type Token =
  | { readonly kind: 'letter'; readonly text: string }
  /** Of the letter before it there may be none. */
  | { readonly kind: 'optional' }
  /** Of what is before it there is at least one. */
  | { readonly kind: 'repeated' }
  | { readonly kind: 'open' | 'close' | 'or' | 'begin' | 'other' };

/** In this order: the first that fits. What fits none of them is not understood. */
const TOKENS: readonly (readonly [RegExp, (found: RegExpExecArray) => Token])[] = [
  [/[*?]/y, () => ({ kind: 'optional' })],
  [/\{\d+(?:,\d*)?\}/y, () => ({ kind: 'optional' })],
  [/\+/y, () => ({ kind: 'repeated' })],
  // Not `(?i)` and its like: they change what letters mean.
  [/\((?:\?:|(?!\?))/y, () => ({ kind: 'open' })],
  [/\)/y, () => ({ kind: 'close' })],
  [/\|/y, () => ({ kind: 'or' })],
  [/\^/y, () => ({ kind: 'begin' })],
  [/[.$]|\\[dDwWsS]|\[(?:\^[^[\]\\]+|[^^[\]\\][^[\]\\]*)\]/y, () => ({ kind: 'other' })],
  [/\\([!-/:-@[-`{-~])/y, ([, text = '']) => ({ kind: 'letter', text })],
  [/[^\\{}[\]]/uy, ([text]) => ({ kind: 'letter', text })],
];

function tokensOf(pattern: string): readonly Token[] | null {
  const tokens: Token[] = [];
  for (let at = 0; at < pattern.length;) {
    const from = at;
    for (const [shape, made] of TOKENS) {
      shape.lastIndex = at;
      const found = shape.exec(pattern);
      if (found === null) continue;
      tokens.push(made(found));
      at += found[0].length;
      break;
    }
    if (at === from) return null;
  }
  return tokens;
}

/** What is known of an alternative while it is read. */
interface Reading {
  readonly runs: string[][];
  isWhole: boolean;
}

function begun(): Reading {
  return { runs: [[]], isWhole: true };
}

/** Something else than a letter: the next letter does not follow the last one. */
function interrupt(reading: Reading): void {
  reading.runs.push([]);
  reading.isWhole = false;
}

function literalOf({ runs, isWhole }: Reading): Literal {
  const texts = runs.map((run) => run.join(''));
  const inside = texts.reduce((best, text) => (text.length > best.length ? text : best), '');
  return { prefix: texts[0] ?? '', isWhole, inside };
}

function take(reading: Reading, token: Token): void {
  const run = reading.runs.at(-1);
  const isFirst = reading.isWhole && run?.length === 0;
  if (token.kind === 'letter') run?.push(token.text);
  else if (token.kind === 'begin' && isFirst) return;
  else {
    if (token.kind === 'optional') run?.pop();
    interrupt(reading);
  }
}

/** The alternatives of a pattern that must take the whole of a text; null: it is not understood. */
export function literalsOf(pattern: string): readonly Literal[] | null {
  const tokens = tokensOf(pattern);
  if (tokens === null) return null;
  const read: Reading[] = [begun()];
  let depth = 0;
  for (const token of tokens) {
    const here = read.at(-1);
    if (here === undefined) return null;
    if (token.kind === 'close') depth -= 1;
    if (token.kind === 'or' && depth === 0) read.push(begun());
    else if (depth === 0) take(here, token);
    if (token.kind === 'open') depth += 1;
  }
  return depth === 0 ? read.map(literalOf) : null;
}
