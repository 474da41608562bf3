/** One name, one thing: what a module exports has a name of its own, and so has what the contract and the model declare. */
import { expect, test } from 'vitest';
import { filesBelow, read } from './project.ts';

interface Declared {
  readonly path: string;
  readonly name: string;
  readonly isType: boolean;
  readonly isExported: boolean;
}

const DECLARATION =
  /^(export )?(?:async )?(?:abstract )?(function\*?|const|interface|type|class) ([A-Za-z_$][\w$]*)/gm;

/** What a module declares at its top; what it only passes on is declared elsewhere. */
function declaredIn(path: string, text: string): readonly Declared[] {
  return [...text.matchAll(DECLARATION)].map(([, exported, kind = '', name = '']) => ({
    path,
    name,
    isType: ['interface', 'type', 'class'].includes(kind),
    isExported: exported !== undefined,
  }));
}

/** Names that more than one module exports, with these modules. */
function sharedNames(declared: readonly Declared[]): readonly string[] {
  const byName = Map.groupBy(
    declared.filter(({ isExported }) => isExported),
    ({ name }) => name,
  );
  return [...byName].flatMap(([name, all]) => {
    const paths = [...new Set(all.map(({ path }) => path))];
    return paths.length > 1 ? [`${name}: ${paths.join(', ')}`] : [];
  });
}

/** Types that take the name of another one, which the modules below `owner` export. */
function borrowedTypes(declared: readonly Declared[], owner: string): readonly string[] {
  const types = declared.filter(({ isType }) => isType);
  const owned = new Map(
    types
      .filter(({ path, isExported }) => isExported && path.startsWith(owner))
      .map(({ name, path }) => [name, path]),
  );
  return types.flatMap(({ name, path }) => {
    const home = owned.get(name);
    return home === undefined || home === path ? [] : [`${path}: ${name} is that of ${home}`];
  });
}

const modules = ['src', 'adapters']
  .flatMap(filesBelow)
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .flatMap((path) => declaredIn(path, read(path)));
const ours = modules.filter(({ path }) => path.startsWith('src/'));

test('the search sees what is declared at the top of a module, and what of it is exported', () => {
  const [a, b, c, ...more] = declaredIn(
    'a.ts',
    "export async function a() {\n  const inner = 1;\n}\ntype B = 1;\nexport const C = 2;\nexport type { D } from './d.ts';",
  );
  expect([a, b, c].map((one) => [one?.name, one?.isType, one?.isExported])).toEqual([
    ['a', false, true],
    ['B', true, false],
    ['C', false, true],
  ]);
  expect(more).toEqual([]);
  expect(ours.length).toBeGreaterThan(2000);
});

test('the search finds a name that two modules export, and a type that borrows one', () => {
  const two = [
    ...declaredIn('src/a.ts', 'export type Place = 1;\nexport const only = 1;'),
    ...declaredIn('src/b.ts', 'export const Place = 1;\ninterface Place {}'),
  ];
  expect(sharedNames(two)).toEqual(['Place: src/a.ts, src/b.ts']);
  expect(borrowedTypes(two, 'src/a')).toEqual(['src/b.ts: Place is that of src/a.ts']);
});

test('no two modules of ours export the same name', () => {
  expect(sharedNames(ours)).toEqual([]);
});

test('what the contract and the model call a thing, no other module calls another thing', () => {
  expect(borrowedTypes(modules, 'src/contract/')).toEqual([]);
  // A vendor's own incident is one too, and speaks of itself in its own folder.
  expect(borrowedTypes(ours, 'src/core/model/')).toEqual([]);
});
