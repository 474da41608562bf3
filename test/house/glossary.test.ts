/** One word per concept: no name that a module declares holds a word that the glossary avoids. */
import { describe, expect, test } from 'vitest';
import { GLOSSARY, PLAIN_WORDS_INSTEAD } from '../../src/contract/glossary.ts';
import { filesBelow, read } from './project.ts';

const AVOIDED = new Map([
  ...GLOSSARY.flatMap(({ term, avoid = [] }) => avoid.map((word) => [word, term] as const)),
  ...PLAIN_WORDS_INSTEAD.map((word) => [word, 'what it is'] as const),
]);

/** `createAlertBatch` is `create`, `alert`, `batch`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .split(' ');
}

/** What a module declares at its top, exported or not. */
function declaredBy(text: string): readonly string[] {
  const found = text.matchAll(
    /^(?:export )?(?:async )?(?:function|const|interface|type|class) ([A-Za-z_$][\w$]*)/gm,
  );
  return [...found].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

const files = ['src', 'adapters']
  .flatMap(filesBelow)
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'));

describe('the glossary', () => {
  test('says each term once, and avoids none that it says', () => {
    const terms = GLOSSARY.map(({ term }) => term);
    expect(new Set(terms).size).toBe(terms.length);
    expect(terms.filter((term) => AVOIDED.has(term))).toEqual([]);
  });

  test('finds a word inside a name', () => {
    expect(wordsOf('openAlertDesk')).toEqual(['open', 'alert', 'desk']);
    expect(wordsOf('KEYS_AT_MOST')).toEqual(['keys', 'at', 'most']);
    expect(declaredBy('export const a = 1;\nasync function b() {}\n  const c = 1;')).toEqual([
      'a',
      'b',
    ]);
  });

  test('avoids words that stand in no name', () => {
    const names = files.flatMap((path) => declaredBy(read(path)).map((name) => ({ path, name })));
    expect(names.length).toBeGreaterThan(1000);
    const found = names.flatMap(({ path, name }) =>
      wordsOf(name).flatMap((word) => {
        const term = AVOIDED.get(word);
        return term === undefined ? [] : [`${path}: ${name} (say ${term})`];
      }),
    );
    expect(found).toEqual([]);
  });
});
