/**
 * What is stored must be readable by whoever finds it. The state of an incident is read as it is while its number is the
 * one of the code, and made anew from the events otherwise; the events are read as they are. So a number stands for the
 * shape of each.
 */
import { describe, expect, test } from 'vitest';
import { INCIDENT_FORMAT } from '../src/core/model/incident.ts';
import { sqliteMigrations } from '../src/store/sqlite/migrate.ts';
import { read } from './house/project.ts';
import { shapeOf } from './support/shape.ts';

const INCIDENT = 'src/core/model/incident.ts';
const EVENT = 'src/core/model/event.ts';
const POLICY = 'src/core/model/policy.ts';
const KEYS = 'src/core/model/keys.ts';
const ARRIVING = 'src/core/model/arriving-keys.ts';
const MADE = 'src/core/model/made-ids.ts';
const TEXT = 'src/core/model/key-text.ts';

/** Texts made of values, which are stored as keys. */
const ENCODED = [
  'encodeEscalation',
  'encodeAlarm',
  'encodeNotice',
  'encodeClock',
  'encodeEvidence',
  'encodeAddress',
  'encodeComponent',
];
/** Of what comes in. */
const ARRIVALS = [
  'encodeGroup',
  'encodeInput',
  'encodeHeldRow',
  'encodeSelf',
  'encodeTold',
  'objectKey',
];
/** What Tocsin makes and finds again. */
const IDS = [
  'encodePage',
  'encodeDraft',
  'encodeEffect',
  'encodeRing',
  'encodeAdopted',
  'encodePublicToken',
];
const STATE = { [INCIDENT]: ['Incident'], [KEYS]: ENCODED, [ARRIVING]: ARRIVALS, [MADE]: IDS };
const EVENTS = { [EVENT]: ['IncidentEvent'], [KEYS]: ENCODED, [ARRIVING]: ARRIVALS, [MADE]: IDS };

/** Each format of the state with its digest. A line is never changed once it was released: add one. */
const STATES: Readonly<Record<number, string>> = {
  8: '4121e99351fe1eb7',
  9: '47e016109e389457',
  10: '1e9ec5fa52409ae7',
  11: '48fb4f78aaabf247',
  12: '7de037bc594ef9d5',
  13: '5ddf3362f61d3864',
  14: '0708d74dbacddb31',
  15: 'fad10f6f00096136',
  16: '551702fd831fb663',
  17: 'b7c2b4bc1f2970ab',
};

/** The schema with which each shape of the events began. A line is never changed once it was released. */
const STARTS: Readonly<Record<number, string>> = {
  5: '6fed95876f2612e1',
  6: '0b2e51d3e8bba36e',
  7: '536187e55b1daafa',
  8: '263e8202599cc12a',
  9: '8b13cc1d4f8415ba',
  10: '08c4a41ba3716215',
  11: '4bc2daa86554eda5',
  12: 'def289a9dbedddc7',
  13: 'cb74049351c86eb4',
  15: '4bad506048e0e197',
  17: 'f1bdd06907d73544',
};

const state = shapeOf(STATE, read);
const events = shapeOf(EVENTS, read);

type Edit = readonly [path: string, find: string, replace: string];

/** The text of a file as it would be after the edit. */
function edited([path, find, replace]: Edit): (one: string) => string {
  const code = read(path);
  expect(code).toContain(find);
  return (one) => (one === path ? code.replace(find, replace) : read(one));
}

test('a stored state whose shape has changed has another format', () => {
  expect(
    STATES[INCIDENT_FORMAT],
    `the stored state changed its shape: raise INCIDENT_FORMAT and write down ${state}`,
  ).toBe(state);
});

test('events whose shape has changed are not read as if they had not', () => {
  const start = sqliteMigrations()[0]?.version ?? 0;
  expect(
    STARTS[start],
    `events changed their shape. Before the first release: raise FIRST in src/store/sqlite/migrate.ts, rename the first migration, and write down ${events}; after it, what was stored must stay readable`,
  ).toBe(events);
});

describe('the shape of what is stored', () => {
  test.each<[string, Edit]>([
    ['a field more', [INCIDENT, 'title: string;', 'title: string; readonly more: string;']],
    ['a field less', [INCIDENT, 'readonly closedAs:', 'readonly closed:']],
    ['a field that may be absent', [INCIDENT, 'finds: number;', 'finds?: number;']],
    ['a word more', [INCIDENT, "| 'lost'", "| 'lost' | 'found'"]],
    ['a recipient more in the policy', [POLICY, "'service_on_call' }", "'everybody' }"]],
    ['a key that says more', [KEYS, "kind: 'role'; ", "kind: 'role'; readonly why: string; "]],
    [
      'evidence that says more',
      [KEYS, 'readonly seen: readonly string[] }', 'readonly seen: string }'],
    ],
    ['keys that are written otherwise', [TEXT, "escaped(leaf, ':')", "escaped(leaf, '/')"]],
  ])('is another one with %s', (_what, edit) => {
    expect(shapeOf(STATE, edited(edit))).not.toBe(state);
  });

  test.each<[string, Edit]>([
    ['a comment', [INCIDENT, '/** Vendor-side dedup key. */', '// What the vendor knows it by.']],
    ['a line break', [INCIDENT, 'readonly title: string;', '\n\n  readonly title:\n    string;']],
    ['the number itself', [INCIDENT, 'INCIDENT_FORMAT = ', 'INCIDENT_FORMAT = 1']],
    ['a type of the policy that no state keeps', [POLICY, 'readonly can: readonly string[];', '']],
  ])('is the same with %s changed', (_what, edit) => {
    expect(shapeOf(STATE, edited(edit))).toBe(state);
  });

  test('is another one for events with a field more, or one of what they carry whole', () => {
    const edits: readonly Edit[] = [
      [EVENT, "readonly type: 'NoteAdded';", "readonly type: 'NoteAdded'; readonly why: string;"],
      [INCIDENT, 'readonly finds: number;', ''],
    ];
    for (const edit of edits) expect(shapeOf(EVENTS, edited(edit)), edit[1]).not.toBe(events);
  });

  test('cannot be told where a type is not found', () => {
    const gone: Edit = [INCIDENT, 'readonly alarms: ', 'readonly alarms: Gone & '];
    expect(() => shapeOf(STATE, edited(gone))).toThrow(
      'src/core/model/incident.ts Incident refers to Gone, which is not found',
    );
  });
});
