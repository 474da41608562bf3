/** What README and guides show can be typed: their commands and options exist, their configurations load. */
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { registry } from '../adapters/index.ts';
import { formatProblems } from '../src/config/load.ts';
import { asAlert } from '../src/core/routing/route.ts';
import { loadTexts } from './config/load.ts';
import { filesBelow, read } from './house/project.ts';
import { tocsin } from './support/cli.ts';

const GUIDES = filesBelow('docs/guides').filter((path) => path.endsWith('.md'));
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...GUIDES];

interface CommandLine {
  readonly command: string;
  /** `--sandbox`, without values. */
  readonly options: readonly string[];
}

/** Every `npx tocsin ...` of a text, in blocks and in running words. */
function commandLines(text: string): readonly CommandLine[] {
  return [...text.matchAll(/npx tocsin ([^\n`]+)/g)].map((match) => {
    const [line = ''] = (match[1] ?? '').split(/ {2,}#| && /);
    const bare = line.replaceAll(/"[^"]*"/g, 'TEXT');
    const words = bare.split(' ');
    const isGroup = words[0] === 'token';
    return {
      command: words.slice(0, isGroup ? 2 : 1).join(' '),
      options: [...bare.matchAll(/(?<= )--[a-z-]+/g)].map(([option]) => option),
    };
  });
}

function blocks(text: string, language: string): readonly string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    (match) => match[1] ?? '',
  );
}

test('command lines are found with their options, and without what stands in quotes', () => {
  const text =
    'Type `npx tocsin token list`.\n    npx tocsin note 7 "with --care" --json   # --not this';
  expect(commandLines(text)).toEqual([
    { command: 'token list', options: [] },
    { command: 'note', options: ['--json'] },
  ]);
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = read(document);

  test('shows commands and options that exist', async () => {
    const wrong: string[] = [];
    for (const { command, options } of commandLines(text)) {
      const { out } = await tocsin([...command.split(' '), '--help']);
      if (!out.includes(`Usage: tocsin ${command} `)) wrong.push(command);
      else
        wrong.push(
          ...options
            .filter((option) => !new RegExp(`${option}[ ,\\n]`).test(out))
            .map((option) => `${command} ${option}`),
        );
    }
    expect(wrong).toEqual([]);
  });

  test('shows YAML that can be read', () => {
    const parsed = blocks(text, 'yaml').flatMap((block) => parseAllDocuments(block));
    expect(parsed.flatMap((one) => one.errors)).toEqual([]);
  });
});

/** The labels that rules can match in the fullest of a vendor's own examples, without those that are its user's. */
function labelsOf(vendor: string, fixture: string): readonly string[] {
  const adapter = registry.find(({ name }) => name === vendor);
  const body = new TextEncoder().encode(read(`adapters/${vendor}/fixtures/${fixture}`));
  const result = adapter?.source?.parse({ headers: {}, body }, {});
  const [told] = result?.ok === true ? result.parsed.observations : [];
  if (told?.kind !== 'vendor_incident') throw new Error(`${fixture} tells of no incident`);
  return Object.keys(asAlert(told).labels);
}

test.each([
  ['pagerduty', 'webhook-triggered.json', []],
  ['opsgenie', 'webhook-create.json', ['service', 'region']],
])('the guide to %s names the labels that its alerts have', (vendor, fixture, details) => {
  const [, table = ''] = read(`docs/guides/${vendor}.md`).split('| label | holds |');
  const [rows = ''] = table.split('\n\n');
  const named = [...rows.matchAll(/^\| `([a-z_]+)` \|/gm)].map((match) => match[1] ?? '');
  expect([...named, ...details].toSorted()).toEqual(labelsOf(vendor, fixture).toSorted());
});

test('the configuration of the README is the recipe, and loads without errors', () => {
  const [shown = ''] = blocks(read('README.md'), 'yaml');
  expect(read('config/recipes/minimal.yaml').endsWith(`\n${shown}`)).toBe(true);
  const loaded = loadTexts({ 'tocsin.yaml': shown }, { sandbox: true });
  expect(loaded.ok ? '' : formatProblems(loaded.problems)).toBe('');
});

test('the table of vendors in the README says what the adapters have', () => {
  const rows = read('README.md').matchAll(/^\| `([a-z-]+)` \|(.*)\|$/gm);
  const said = [...rows].map(([, name = '', cells = '']) => [
    name,
    ...cells.split('|').map((cell) => cell.trim() === 'yes'),
  ]);
  const has = registry.map((adapter) => [
    adapter.name,
    adapter.source !== undefined,
    adapter.pager !== undefined,
    adapter.onCall !== undefined,
    adapter.statusPage !== undefined,
    adapter.chat !== undefined,
    adapter.poll !== undefined,
  ]);
  const inTable = said.filter((row) => row.length === has[0]?.length && row[0] !== 'type');
  expect(Object.fromEntries(inTable.map((row) => [row[0], row]))).toEqual(
    Object.fromEntries(has.map((row) => [row[0], row])),
  );
});
