/** Whoever adds a vendor touches what CONTRIBUTING names for it, and nothing else: a test adds one that way. */
import { beforeAll, describe, expect, test } from 'vitest';
import { filesBelow, filesIn, read } from './house/project.ts';
import { type Changes, tried, type Trial } from './support/trial.ts';

/** The vendor's folder, as somebody would write it; its golden requests are written anew. */
const FOLDER = ['model.ts', 'stand-in.ts', 'model.test.ts'];

function after(anchor: string, more: string): (before: string) => string {
  return (before) => {
    if (!before.includes(anchor)) throw new Error(`there is no ${anchor}`);
    return before.replace(anchor, `${anchor}${more}`);
  };
}

/** The smallest recipe, with the vendor's chat in the place of Slack's. */
function recipe(): string {
  return read('config/recipes/minimal.yaml')
    .replace(
      /slack: \{type: slack, (.*) bot_token_file: .*\}/,
      'model: {type: model, $1 token_file: secrets/model_token}',
    )
    .replaceAll(/slack: U0\w+/g, 'model: U1')
    .replaceAll('via: slack', 'via: model');
}

const EXCEPTION = `
  {
    because: 'The model has its own names for what is asked, signed and told.',
    provenIn: [testsOf('model'), 'test/conformance/of-model.ts'],
    paths: [
      'people.*.model',
      'sources.*<model>.secrets',
      ...under('targets.*<model>', 'token base_url'),
    ],
  },`;

const BY_HAND: Changes = {
  ...Object.fromEntries(
    FOLDER.map((file) => [`adapters/model/${file}`, () => read(`test/model/${file}`)]),
  ),
  'adapters/index.ts': (before) =>
    after(
      '  slack,\n',
      '  model,\n',
    )(
      after(
        "from '../src/contract/index.ts';\n",
        "import { model } from './model/model.ts';\n",
      )(before),
    ),
  'adapters/stand-ins.ts': (before) =>
    after(
      '  slackStandIn,\n',
      '  modelStandIn,\n',
    )(
      after(
        "from '../src/contract/index.ts';\n",
        "import { modelStandIn } from './model/stand-in.ts';\n",
      )(before),
    ),
  'test/config/fields/exceptions.ts': after('exceptions: readonly Exception[] = [', EXCEPTION),
  'README.md': after('| `slack` | | | | | yes | |\n', '| `model` | yes | | | | yes | |\n'),
  'CHANGELOG.md': after('The first version.\n\n', '* [FEATURE] model: Talk to the model.\n'),
  'config/recipes/model.yaml': recipe,
  'test/vendors/model.ts': () =>
    read('test/model/vendor.ts').replace("'./model.ts'", "'../../adapters/model/model.ts'"),
  'test/vendors/vendors.test.ts': (before) =>
    after(
      '  slackVendor,\n',
      '  modelVendor,\n',
    )(
      after(
        "import { statuspageVendor } from './statuspage.ts';\n",
        "import { modelVendor } from './model.ts';\n",
      )(before),
    ),
};

/** What is written anew, by the commands that CONTRIBUTING gives. */
const ANEW = [
  'adapters/model/fixtures/post.json',
  'config/schema.json',
  'test/config/bad/source-type-no-source.txt',
  'test/config/bad/target-type-no-target.txt',
];

/** All that looks at the list of vendors, or at every file. */
const LOOKING = [
  'adapters/index.test.ts',
  'adapters/model',
  'test/architecture.test.ts',
  'test/config',
  'test/guides.test.ts',
  'test/house',
  'test/vendors',
];

function section(): string {
  const [, rest = ''] = read('CONTRIBUTING.md').split('## A new vendor\n');
  const [text = ''] = rest.split('\n## ');
  return text.replaceAll('<vendor>', 'model');
}

/** The commands of the section that write something anew. */
function writers(): readonly (readonly string[])[] {
  const found = section().matchAll(/UPDATE_GOLDEN=1 npx vitest run ([^`]+)/g);
  return [...found].map(([, files = '']) => files.split(' '));
}

const VITEST = ['node_modules/vitest/vitest.mjs', 'run', '--maxWorkers=1'];

function differing({ folder, text }: Trial): readonly string[] {
  const before = new Set(filesBelow('.'));
  return filesIn(folder, '.').filter((path) => !before.has(path) || text(path) !== read(path));
}

interface Played {
  readonly changed: readonly string[];
  readonly failed: readonly string[];
  readonly passed: number;
}

function played(trial: Trial): Played {
  trial.run([...VITEST, ...writers().flat()], { UPDATE_GOLDEN: '1' });
  const changed = differing(trial);
  const told = ['--reporter=json', '--outputFile=report.json'];
  trial.run([...VITEST, ...told, ...LOOKING], { UPDATE_GOLDEN: '' });
  const report = JSON.parse(trial.text('report.json')) as {
    readonly numPassedTests: number;
    readonly testResults: readonly {
      readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
    }[];
  };
  const results = report.testResults.flatMap((file) => file.assertionResults);
  return {
    changed,
    failed: results.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName),
    passed: report.numPassedTests,
  };
}

let trial: Played;
beforeAll(() => {
  trial = tried(BY_HAND, played);
}, 300_000);

describe('a vendor that is added as CONTRIBUTING says', () => {
  test('passes the conformance suite and every test of the house', () => {
    expect(trial.failed).toEqual([]);
    expect(trial.passed).toBeGreaterThan(400);
  });

  test('changes nothing but its folder, the two lists, and what is written anew or told of it', () => {
    expect(trial.changed).toEqual([...Object.keys(BY_HAND), ...ANEW].toSorted());
  });

  test.each([...Object.keys(BY_HAND), ...ANEW])('changes %s, which CONTRIBUTING names', (path) => {
    const folder = path.slice(0, path.lastIndexOf('/') + 1);
    const names = [path, ...(folder === '' ? [] : [folder])].map((name) => `\`${name}\``);
    expect(names.some((name) => section().includes(name))).toBe(true);
  });
});
