/** Texts: substitution over a closed view, and nothing else. */
import { describe, expect, test } from 'vitest';
import { policy } from '../../../test/support/policy.ts';
import {
  BUILT_IN_TEXTS,
  calendarDate,
  clockTime,
  durationText,
  enumerate,
  PUBLIC_NAMES,
  render,
  slugOf,
  TEXT_NAMES,
  variablesOf,
} from './text.ts';

const noon = 1_767_614_400_000;
const written = (template: string, view: Parameters<typeof render>[2] = {}) =>
  render('public.title', policy({ texts: { 'public.title': template } }), view);

describe('a text', () => {
  test.each<[string, string, string]>([
    ['fills in names', 'Down: {{components}}', 'Down: Basket'],
    ['allows spaces inside the braces', 'Down: {{ components }}', 'Down: Basket'],
    ['leaves an unknown name empty', 'Down: {{components}}{{nothing}}', 'Down: Basket'],
    ['leaves {{constructor}} empty', 'Down: {{components}}{{constructor}}', 'Down: Basket'],
    ['leaves {{__proto__}} empty', 'Down: {{components}}{{__proto__}}', 'Down: Basket'],
    ['knows no sections', 'Down: {{#components}}x{{/components}}', 'Down: x'],
    ['falls back to the built-in one when it renders empty', '{{text}}', 'Problem with Basket'],
    ['falls back when it is empty', '', 'Problem with Basket'],
    ['closes the gap of an empty value', 'Down: {{text}} {{components}}', 'Down: Basket'],
  ])('%s', (_sentence, template, expected) => {
    expect(written(template, { components: 'Basket', text: '' })).toBe(expected);
  });

  test('calls a level without a name of its own by its id, once', () => {
    const said = (severity_name: string) =>
      render('update.declared', policy(), { incident: 'inc-1', severity: 'S1', severity_name });
    expect(said('S1')).toMatch(/^inc-1 declared S1: /);
    expect(said('Critical')).toMatch(/^inc-1 declared S1 \(Critical\): /);
  });

  test('has no sign of control, and no line where there is room for one only', () => {
    const title = 'a\r\nb\u0000\u001b[2J\u202e';
    expect(render('page.title', policy({}), { severity: 'L1', title })).toBe('[L1] a b [2J');
    expect(render('room.topic', policy({}), { severity: 'L1', phase: 'triage', title })).toBe(
      'L1 triage: a b [2J',
    );
    expect(render('update.status', policy({}), { text: 'a\r\nb\u0000' })).toContain('a\nb\u{fffd}');
  });

  test('never renders a value a second time', () => {
    expect(written('{{components}}', { components: '{{status}} $& $1', status: 'secret' })).toBe(
      '{{status}} $& $1',
    );
  });

  test('is cut, not endless', () => {
    expect(written('{{components}}', { components: 'x'.repeat(20_000) })).toHaveLength(16_000);
  });
});

test('every built-in text uses names of the closed list only, public ones only public names', () => {
  for (const [name, text] of Object.entries(BUILT_IN_TEXTS)) {
    const allowed: readonly string[] = name.startsWith('public.') ? PUBLIC_NAMES : TEXT_NAMES;
    expect([name, variablesOf(text).filter((one) => !allowed.includes(one))]).toEqual([name, []]);
  }
});

test.each<[number, string]>([
  [40_000, '40 s'],
  [60_000, '1 min'],
  [59 * 60_000, '59 min'],
  [125 * 60_000, '2 h 05 min'],
])('%i ms is %s', (ms, expected) => {
  expect(durationText(ms)).toBe(expected);
});

test('times name their zone, for readers sit in several', () => {
  expect(clockTime(noon, 'UTC')).toBe('12:00 UTC');
  expect(clockTime(noon, 'Europe/Berlin')).toBe('13:00 UTC+01:00');
  expect(clockTime(noon, 'Europe/London')).toBe('12:00 UTC');
  expect(calendarDate(noon, 'Pacific/Auckland')).toBe('2026-01-06');
});

test.each<[readonly string[], string]>([
  [[], ''],
  [['A'], 'A'],
  [['A', 'B'], 'A and B'],
  [['A', 'B', 'C'], 'A, B and C'],
])('%j reads "%s"', (names, expected) => {
  expect(enumerate(names)).toBe(expected);
});

test.each<[string, string]>([
  ['Basket: errors > 5 %!', 'basket-errors-5'],
  ['!!!', 'incident'],
  [`${'long '.repeat(20)}title`, 'long-long-long-long-long-long-long-long'],
])('the slug of "%s" is %s', (title, expected) => {
  expect(slugOf(title)).toBe(expected);
});
