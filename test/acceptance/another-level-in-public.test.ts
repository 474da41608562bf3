/**
 * Another level in public.
 *
 * At eight passengers wait a little: the milder level tells the public when there is news, and nothing else. A minute later
 * nobody can travel. From then on the words, the promise and the approval are those of the worse level, also of a post
 * that was written before and waits; and no page falls silent because its last post promised no time.
 */
import { describe, expect, test, vi } from 'vitest';
import type { Stage } from '../support/stage.ts';
import { CONFIG, trams, trusting } from './trams.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 90_000 });

/** The milder level hears of changes only, and the speaker reads every post of it. */
function onChange(yaml: string): string {
  return yaml.replace(
    'updates: {public: {first_within: 5m, every: 60m, approval: none}}',
    'updates: {public: {every: on_change, approval: speaker}}',
  );
}

function said(stage: Stage): readonly string[] {
  return stage.posts().map(({ time, body }) => `${time.slice(11, 16)} ${body}`);
}

async function waiting(stage: Stage): Promise<readonly string[]> {
  const { drafts } = await stage.incident();
  return Object.values(drafts).flatMap(({ id, state, body }) =>
    state === 'waiting' ? [`${id} ${body}`] : [],
  );
}

const IDENTIFIED =
  'We have identified the cause of the problem with Line 1 and are working on a fix.';
const UNCHANGED =
  'We are still working on the problem with Line 1; there is nothing new to report.';

/** Declared at the milder level with a post that waits; a minute later it is raised. */
async function raised(stage: Stage, text: string | null): Promise<void> {
  await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Doors do not close',
    level: 'mild',
    service: 'line-1',
  });
  await stage.act('boss', 'phase', {
    phase: 'identified',
    ...(text === null ? {} : { text }),
  });
  expect(await waiting(stage)).toEqual([
    `d1 ${IDENTIFIED} ${text === null ? '' : `${text} `}Next update: when there is news.`,
  ]);
  await stage.at('1m');
  await stage.act('boss', 'severity', { level: 'bad' });
}

describe('a raise while a post waits', () => {
  test('has it written anew with what the worse level promises, and keeps that promise', async () => {
    const stage = await trams(onChange);
    await raised(stage, null);
    expect(await waiting(stage)).toEqual([`d2 ${IDENTIFIED} Next update: 08:31 UTC.`]);
    const old = await stage.api('herald', 'POST /api/v1/incidents/inc-1/posts/d1/approve', {});
    expect([old.status, old.text]).toEqual([409, expect.stringContaining('Waiting: d2;')]);
    await stage.approve('herald');
    await stage.at('1h40m');
    expect(said(stage)).toEqual([
      `08:01 ${IDENTIFIED} Next update: 08:31 UTC.`,
      `08:31 ${UNCHANGED} Next update: 09:01 UTC.`,
      `09:01 ${UNCHANGED} Next update: 09:31 UTC.`,
      `09:31 ${UNCHANGED} Next update: 10:01 UTC.`,
    ]);
  });

  test('takes the approval of the worse level, which here asks for none', async () => {
    const stage = await trams((yaml) => trusting(onChange(yaml)));
    await raised(stage, null);
    await stage.at('2m');
    expect(said(stage)).toEqual([`08:01 ${IDENTIFIED} Next update: 08:31 UTC.`]);
  });

  test('keeps the words of a person, to the letter, and they wait for a person at every level', async () => {
    const stage = await trams((yaml) => trusting(onChange(yaml)));
    await raised(stage, 'We say more when there is news. Doors jam.');
    await stage.at('2m');
    expect(said(stage)).toEqual([]);
    expect(await waiting(stage)).toEqual([
      `d2 ${IDENTIFIED} We say more when there is news. Doors jam. Next update: 08:31 UTC.`,
    ]);
  });
});

describe('a raise while a post is held that nobody need approve at the milder level', () => {
  const PAUSE = { what: 'public', for: '20m', why: 'lawyers read every word' };

  async function declaredAt(stage: Stage, level: string): Promise<void> {
    const title = 'Doors do not close';
    await stage.api('boss', 'POST /api/v1/incidents', { title, level, service: 'line-1' });
  }

  test('by a pause: it is written anew, and people are asked at once', async () => {
    const stage = await trams();
    await stage.api('boss', 'POST /api/v1/pauses', PAUSE);
    await declaredAt(stage, 'mild');
    await stage.at('1m');
    await stage.act('boss', 'severity', { level: 'bad' });
    expect(await waiting(stage)).toEqual([expect.stringMatching(/^d2 .*Next update: 08:35 UTC/)]);
    await stage.advance('1s');
    const asked = stage.messages().filter(({ text }) => text.includes('waits for your approval'));
    expect(asked.map(({ time }) => time.slice(11, 16))).toEqual(['08:01']);
    await stage.act('herald', 'posts/d2/approve');
    await stage.at('25m');
    expect(said(stage)).toEqual([expect.stringMatching(/^08:20 We are investigating/)]);
    expect(Object.keys((await stage.incident()).alarms)).not.toContain('public:page');
  });

  test('by its page: it is written anew, and people are asked at once', async () => {
    const stage = await trams();
    stage.fault({ target: 'page', fault: '429', until: stage.clock.now() + 90_000 });
    await declaredAt(stage, 'mild');
    await stage.at('1m');
    await stage.act('boss', 'severity', { level: 'bad' });
    await stage.advance('1s');
    expect(await waiting(stage)).toHaveLength(1);
    await stage.at('10m');
    expect(said(stage)).toEqual([]);
    await stage.act('herald', 'posts/d2/approve');
    await stage.at('11m');
    expect(said(stage)).toHaveLength(1);
  });

  test('that is on its way and arrives: nobody is asked to say it once more', async () => {
    const stage = await trams();
    stage.fault({ target: 'page', method: 'POST', fault: 'slow', delayMs: 5_000 });
    await declaredAt(stage, 'mild');
    await stage.at('2s');
    await stage.act('boss', 'severity', { level: 'bad' });
    await stage.at('2m');
    expect(said(stage)).toHaveLength(1);
    expect(Object.keys((await stage.incident()).drafts)).toEqual(['d1']);
  });

  test('that is on its way and arrives: what a person adds in the same moment waits on', async () => {
    const stage = await trams();
    await declaredAt(stage, 'mild');
    await stage.at('1m');
    stage.fault({ target: 'page', method: 'PATCH', fault: 'slow', delayMs: 5_000 });
    await stage.act('boss', 'phase', { phase: 'identified' });
    await stage.act('boss', 'phase', { phase: 'identified', text: 'A door is jammed.' });
    await stage.at('3m');
    expect(said(stage)).toHaveLength(2);
    expect(await waiting(stage)).toEqual([expect.stringContaining('A door is jammed.')]);
  });
});

test.each([
  ['We found it', 'We found it.'],
  ['We found it!', 'We found it!'],
  ['Nous l’avons trouvé. ', 'Nous l’avons trouvé.'],
])('the words "%s" of a person are a sentence of their own', async (text, told) => {
  const stage = await trams(onChange);
  await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Doors do not close',
    level: 'mild',
    service: 'line-1',
  });
  await stage.act('boss', 'phase', { phase: 'identified', text });
  expect(await waiting(stage)).toEqual([
    `d1 ${IDENTIFIED} ${told} Next update: when there is news.`,
  ]);
  await stage.act('boss', 'severity', { level: 'bad' });
  expect(await waiting(stage)).toEqual([`d2 ${IDENTIFIED} ${told} Next update: 08:30 UTC.`]);
});

test('the words of a person get no second stop where the configuration has one', async () => {
  const stage = await trams(
    (yaml) => `${onChange(yaml)}
texts: {public.identified: "Found: {{text}}. More at {{next_update}}."}
`,
  );
  await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Doors do not close',
    level: 'mild',
    service: 'line-1',
  });
  await stage.act('boss', 'phase', { phase: 'identified', text: 'a jammed door' });
  expect(await waiting(stage)).toEqual(['d1 Found: a jammed door. More at when there is news.']);
});

test('lowered and raised again while an update waits: the page hears of it at the pace of the worse level', async () => {
  const stage = await trams((yaml) => trusting(onChange(yaml)));
  await stage.alert({ alertname: 'LineStopped', startsAt: '2026-06-09T08:00:00Z' });
  await stage.act('boss', 'severity', { level: 'mild', reason: 'half of the trams run' });
  await stage.at('29m');
  expect(await waiting(stage)).toEqual([`d2 ${UNCHANGED} Next update: when there is news.`]);
  await stage.act('boss', 'severity', { level: 'bad' });
  await stage.at('1h5m');
  expect(said(stage).slice(1)).toEqual([
    `08:29 ${UNCHANGED} Next update: 08:59 UTC.`,
    `08:59 ${UNCHANGED} Next update: 09:29 UTC.`,
  ]);
});

test('a page that promised news only is told at the pace that a reload gives its level', async () => {
  const stage = await trams(onChange);
  await stage.api('boss', 'POST /api/v1/incidents', {
    title: 'Doors do not close',
    level: 'mild',
    service: 'line-1',
  });
  await stage.act('boss', 'phase', { phase: 'identified' });
  await stage.approve('herald');
  await stage.at('10m');
  await stage.reload(CONFIG);
  await stage.at('1h1m');
  expect(said(stage)).toEqual([
    `08:00 ${IDENTIFIED} Next update: when there is news.`,
    `09:00 ${UNCHANGED} Next update: 10:00 UTC.`,
  ]);
});
