/**
 * Levels, roles, services and teams belong to the user's configuration: none of ours may stand in the code, or somebody
 * whose levels are called otherwise gets a product that only works with our words.
 */
import { expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { filesBelow, read } from './project.ts';

const files = filesBelow('config').filter((path) => path.endsWith('.yaml'));

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keysOf(value: unknown): readonly string[] {
  return isRecord(value) ? Object.keys(value) : [];
}

function namesIn(path: string, maps: readonly string[]): readonly string[] {
  return parseAllDocuments(read(path)).flatMap((document) => {
    const content: unknown = document.toJS();
    if (!isRecord(content)) return [];
    const routes = Array.isArray(content['routes']) ? content['routes'].filter(isRecord) : [];
    const teams = [content['team'], ...routes.map((route) => route['team'])];
    return [
      ...maps.flatMap((map) => keysOf(content[map])),
      ...(maps.includes('teams') ? teams.filter((team) => typeof team === 'string') : []),
    ];
  });
}

/** `incident_commander` also stands in the code as `incidentCommander`. */
function spellings(name: string): readonly string[] {
  return [name, name.replace(/[-_ ]+(\w)/g, (_, letter: string) => letter.toUpperCase())];
}

function standsIn(text: string, name: string): boolean {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`(?<![\\w-])${literal}(?![\\w-])`).test(text);
}

/** A comment may call a role by its English name, such as deputy; code may not. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '');
}

test('the search finds a name as a word, in either spelling, and not inside another word', () => {
  expect(
    spellings('incident_commander').some((each) => standsIn('x.incidentCommander', each)),
  ).toBe(true);
  expect(standsIn("level === 'L1'", 'L1')).toBe(true);
  expect(standsIn('HTML1, L10, url-L1', 'L1')).toBe(false);
});

/** Words of the vendors that a recipe uses as its own: `init` writes PagerDuty's priorities into a severity map. */
const VENDOR_WORDS: Readonly<Record<string, readonly string[]>> = {
  'src/config/init.ts': ['P1', 'P2', 'P3'],
};

test('no level, role, service or team of our configurations stands in the code', () => {
  const belowOf = (maps: readonly string[]): readonly string[] => [
    ...new Set(files.flatMap((path) => namesIn(path, maps))),
  ];
  const names = belowOf(['severities', 'services', 'teams']);
  const roles = belowOf(['roles']);
  expect(files.length).toBeGreaterThan(2);
  expect(names.length + roles.length).toBeGreaterThan(12);

  const modules = filesBelow('src').filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.test.ts'),
  );
  const found = modules.flatMap((path) => {
    const text = read(path);
    const code = withoutComments(text);
    const searched = [
      ...names.map((name) => ({ name, within: text })),
      ...roles.map((name) => ({ name, within: code })),
    ];
    return searched
      .filter(({ name }) => !(VENDOR_WORDS[path] ?? []).includes(name))
      .filter(({ name, within }) => spellings(name).some((each) => standsIn(within, each)))
      .map(({ name }) => `${path} names ${name}`);
  });
  expect(found).toEqual([]);
});
