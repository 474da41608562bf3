/**
 * Proved.
 *
 * The harbour asks its pager and its chat whether they would work, once a day, and rings nobody by that. When the token of
 * the pager is revoked on a quiet morning, Nora hears of it softly, by name and with what to do, before a ship needs her;
 * and when it is taken again, that is over. While an incident tells already that its page gets through nowhere, it is not
 * said a second time.
 *
 *     08:00  the server starts
 *     08:10  its targets are asked, one after the other
 *     09:45  all of them, by the calendar
 */
import { describe, expect, test, vi } from 'vitest';
import type { EngineHealth } from '../../src/engine/health.ts';
import { openStage, type Stage } from '../support/stage.ts';
import { HARBOUR } from './harbour.ts';

// Simulated hours pass in a moment, but on a busy machine a moment may take long.
vi.setConfig({ testTimeout: 60_000 });

const harbour = (edit: (yaml: string) => string = (yaml) => yaml): Promise<Stage> =>
  openStage({ start: '2026-06-09T08:00:00Z', yaml: edit(HARBOUR) });

/** Two pagers: what is said about one still rings at the other. */
const withBoth = (yaml: string): string =>
  yaml
    .replace(
      '  chat: {type: slack',
      '  og: {type: opsgenie, mode: live, api_key_file: secrets/og}\n  chat: {type: slack',
    )
    .replace(
      'nora: {pagerduty: {name: Nora, id: PNORA01}}',
      'nora: {pagerduty: {name: Nora, id: PNORA01}, opsgenie: nora@harbour.example}',
    );

async function targetsOf(stage: Stage): Promise<EngineHealth['targets']> {
  return (await stage.app().engine.health()).targets;
}

const proofs = async (stage: Stage): Promise<readonly string[]> =>
  (await targetsOf(stage)).map(({ name, provedAt, failingSince }) => {
    const at = (instant: number | null): string =>
      instant === null ? 'never' : new Date(instant).toISOString().slice(11, 16);
    return `${name}: proved ${at(provedAt)}${failingSince === null ? '' : `, failing since ${at(failingSince)}`}`;
  });

const titles = async (stage: Stage): Promise<readonly string[]> =>
  (await stage.incidents()).map(({ title }) => title);

describe('on a quiet day', () => {
  test('each target is asked after the start and at 09:45, and nobody hears anything', async () => {
    const stage = await harbour();
    await stage.at('9m');
    expect(await proofs(stage)).toEqual(['pd: proved never', 'chat: proved never']);
    await stage.at('11m');
    expect(await proofs(stage)).toEqual(['pd: proved 08:10', 'chat: proved 08:10']);
    await stage.at('09:46');
    expect(await proofs(stage)).toEqual(['pd: proved 09:45', 'chat: proved 09:45']);
    expect(stage.truth()).toEqual([]);
    expect(await titles(stage)).toEqual([]);
    const metrics = (await stage.api('admin', 'GET /metrics')).text;
    expect(metrics).toContain(
      `tocsin_target_proved_timestamp_seconds{target="pd"} ${Date.parse('2026-06-09T09:45') / 1000}`.slice(
        0,
        60,
      ),
    );
  });

  test('a restart knows when it was, and `/readyz?verbose` says how long ago, ready as before', async () => {
    const stage = await harbour();
    await stage.at('11m');
    await stage.restart();
    await stage.at('16m');
    const answer = await stage.api('admin', 'GET /readyz?verbose');
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      ready: true,
      targets: [
        { name: 'pd', failingForSeconds: null },
        { name: 'chat', failingForSeconds: null },
      ],
    });
    const ages = (answer.json as { targets: { provedSecondsAgo: number }[] }).targets;
    for (const { provedSecondsAgo } of ages) expect(provedSecondsAgo).toBeGreaterThan(280);
    expect((await stage.api('admin', 'GET /readyz')).json).not.toHaveProperty('targets');
  });

  test('a reload that changes one asks that one within two minutes, and no other', async () => {
    const stage = await harbour();
    await stage.at('11m');
    await stage.advance('20m');
    await stage.reload(HARBOUR.replace('id: PHARB00', 'id: PHARB01'));
    await stage.advance('2m');
    expect(await proofs(stage)).toEqual([
      'pd: proved 08:10, failing since 08:32',
      'chat: proved 08:10',
    ]);
    expect((await targetsOf(stage))[0]?.problems).toEqual([
      expect.stringContaining('service Harbour people does not exist at PagerDuty'),
    ]);
  });
});

describe('the token of the pager is not taken any more', () => {
  const revoked = async (edit = withBoth): Promise<Stage> => {
    const stage = await harbour(edit);
    await stage.at('11m');
    stage.fault({ target: 'pd', fault: '403', status: 401 });
    return stage;
  };

  test('at 09:45 it is found, at 09:56 Nora is rung softly, and after it is taken it is over within the hour', async () => {
    const stage = await revoked();
    await stage.at('09:50');
    expect(await titles(stage)).toEqual([]);
    await stage.at('09:57');
    expect(await titles(stage)).toEqual(['The target "pd" would not work']);
    const { routing } = await stage.incident();
    expect(routing.description).toContain('create a REST API key and put it into this target');
    expect(stage.pages('rang').every(({ urgency }) => urgency === 'low')).toBe(true);
    await stage.at('10:30');
    stage.healed();
    await stage.at('11:30');
    expect((await proofs(stage))[0]).toBe('pd: proved 10:30');
    const { alerts } = await stage.incident();
    expect(alerts.firing).toBe(0);
  });

  test('once, however often it is asked, and it is ready all the same', async () => {
    const stage = await revoked();
    await stage.at('11:15');
    expect(await titles(stage)).toEqual(['The target "pd" would not work']);
    expect((await stage.api('admin', 'GET /readyz')).status).toBe(200);
  });
});

describe('the token of the chat is not taken any more', () => {
  const chatOff = (yaml: string): string =>
    yaml.replace('chat: {type: slack, mode: live', 'chat: {type: slack, mode: off');

  test('a target that is off is not asked', async () => {
    const stage = await harbour(chatOff);
    stage.fault({ target: 'chat', fault: '403', status: 401 });
    await stage.at('10:00');
    expect(await proofs(stage)).toEqual(['pd: proved 09:45', 'chat: proved never']);
  });

  test('Nora is rung softly, and where it is set to off it is over with the next proof of all', async () => {
    const stage = await harbour();
    stage.fault({ target: 'chat', fault: '403', status: 401 });
    await stage.at('08:30');
    expect(await titles(stage)).toEqual(['The target "chat" would not work']);
    expect((await stage.incident()).alerts.firing).toBe(1);
    await stage.reload(chatOff(HARBOUR));
    await stage.at('09:47');
    expect((await stage.incident()).alerts.firing).toBe(0);
  });
});

test('while a page gets through nowhere, its incident alone says so', async () => {
  const stage = await harbour();
  stage.fault({ target: 'pd', fault: '403', status: 401 });
  await stage.alert({ alertname: 'PumpStopped', labels: { service: 'pumps' } });
  await stage.at('40m');
  expect((await proofs(stage))[0]).toBe('pd: proved never, failing since 08:00');
  expect(await titles(stage)).toEqual([expect.stringContaining('PumpStopped')]);
});
