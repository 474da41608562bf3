/** The table of trigger kinds: whoever adds an entry can write it, is told of mistakes in it, and sees it fire. */
import { beforeAll, describe, expect, test } from 'vitest';
import { playedWith } from './support/trial.ts';

const ENTRY = `
  long_open: kind({
    about: 'An incident that lasts.',
    parameters: {
      least: parameter('duration', 'Time since it was opened.'),
      unless: parameter('flag', 'A flag with which it does not count.'),
    },
    evidence: ({ state }) => [[state.openedAt]],
    sees: ({ state, given, now }) => {
      const minutes = Math.round((now - state.openedAt) / 60_000);
      const isLong = now - state.openedAt >= given.least && state.flags[given.unless] === undefined;
      return isLong ? 'it is open for ' + minutes + ' min' : null;
    },
    counts: {
      unless: 'somebody says that it may take its time',
      dueAt: ({ state, given }) =>
        state.flags[given.unless] === undefined ? state.openedAt + given.least : 'it may take its time',
    },
  }),
`;

/** Of this one a parameter stands under the kind's key, and another beside it. */
const BESIDE = `
  alerts_firing: kind({
    about: null,
    parameters: {
      alerts_firing: parameter('count', 'So many alerts ...'),
      lasting: parameter('duration', '... for this long.'),
    },
    evidence: ({ state }) => [[state.openedAt]],
    sees: () => null,
  }),
`;

const PLAYED = `
import { readFileSync } from 'node:fs';
import { loadFrom, loadTexts } from './test/config/load.ts';
import { does, MINUTE, opened, START } from './test/config/fields/world.ts';
import { registry } from './adapters/index.ts';
import { configSchemaText } from './src/config/json-schema.ts';

const minimal = readFileSync('config/recipes/minimal.yaml', 'utf8');
const load = (when) => loadTexts(
  { 'tocsin.yaml': minimal + 'flags: {slow: {}}\\ntriggers:\\n  - {name: lasting, when: ' + when + ', raise: 1}\\n' },
  { sandbox: true },
);
const { loaded } = load('{long_open: {least: 40m, unless: slow}}');
const story = opened(loaded, { severity: 'warning', labels: { service: 'webshop' } });
const clock = () => story.owed().filter(({ clock }) => clock.kind === 'trigger')
  .map(({ what, dueAt }) => [(dueAt - START) / MINUTE, what]);
const waits = clock();
story.advance(39 * MINUTE);
const before = story.incident.level;
story.advance(MINUTE);
const raised = story.events.findLast(({ type }) => type === 'SeverityChanged');
const slow = opened(loaded, { severity: 'warning', labels: { service: 'webshop' } });
does(slow, 'ada', { type: 'SetFlag', flag: 'slow' });
slow.advance(60 * MINUTE);
const when = JSON.parse(configSchemaText(registry)).properties.triggers.items.properties.when;
console.log(JSON.stringify({
  waits, before, after: story.incident.level, because: raised.because, waitsAfter: clock(), slow: slow.incident.level,
  known: when.properties.long_open,
  wrong: ['{least: forty, unless: slow}', '{least: 40m, unless: quick}', '{least: 40m}']
    .map((given) => '{long_open: ' + given + '}')
    .concat('{alerts_firing: 3}', '{alerts_firing: 3, lasting: 5m}', '{flag: slow, lasting: 5m}')
    .flatMap((given) => load(given).problems ?? [])
    .filter(({ level }) => level === 'error')
    .map(({ line, path, message, hint }) => [line, path, message, hint].join(' | ')),
}));
`;

let played: Readonly<Record<string, unknown>>;

beforeAll(() => {
  played = playedWith(
    {
      'src/core/severity/trigger-kinds.ts': (before) =>
        before.replace('TRIGGER_KINDS = {', `TRIGGER_KINDS = {${ENTRY}${BESIDE}`),
    },
    PLAYED,
  ) as typeof played;
}, 60_000);

describe('a trigger kind that is added as one entry', () => {
  test('fires once its time has come, and says in which line and why', () => {
    expect(played).toMatchObject({
      before: 'SEV2',
      after: 'SEV1',
      because: 'trigger "lasting" (tocsin.yaml:65): it is open for 40 min',
      slow: 'SEV2',
    });
  });

  test('is owed until then, and no more after it', () => {
    expect(played).toMatchObject({
      waits: [[40, 'trigger "lasting" fires, unless somebody says that it may take its time']],
      waitsAfter: [],
    });
  });

  test('is known to editors', () => {
    expect(played['known']).toMatchObject({
      description: 'An incident that lasts.',
      required: ['least', 'unless'],
      properties: { least: { type: 'string', description: 'Time since it was opened.' } },
    });
  });

  test('tells what is wrong in it, where, and what to write', () => {
    expect(played['wrong']).toEqual([
      '65 | triggers[0].when.long_open.least | "forty" is no duration | Write a whole number and a unit, e.g. 30s, 5m, 1h30m, 1d.',
      '65 | triggers[0].when.long_open.unless | there is no flag "quick" | There are: slow.',
      '65 | triggers[0].when.long_open.unless | is missing | Write unless: A flag with which it does not count.',
      '65 | triggers[0].when.lasting | is missing | Write lasting: ... for this long.',
      '65 | triggers[0].when.lasting | lasting belongs to alerts_firing | Leave it out.',
    ]);
  });
});
