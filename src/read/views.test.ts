/** Incidents as people read them, from the real engine. */
import { decodePage } from '../core/model/made-ids.ts';
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  startEngine,
  vendorIncident,
} from '../../test/support/engine.ts';
import { address, person, policy, trigger, withLevel } from '../../test/support/policy.ts';
import { byPerson } from '../../test/support/story.ts';
import type { Observation } from '../core/model/alert.ts';
import type { IncidentEvent } from '../core/model/event.ts';
import { sentenceOf } from '../core/model/events.ts';
import { explain } from './explain.ts';
import { incidentList, incidentTimeline, incidentView } from './views.ts';

let h: Harness;
afterEach(() => h.end());

const noisy = trigger(
  'money lost',
  { kind: 'flag', given: { flag: 'corrupt' } },
  { kind: 'at_least', level: 'L1' },
);

async function view(id = '1') {
  const found = await incidentView(
    h.store.reads,
    { policy: h.engine.setup().policy, lookups: h.engine.lookups() },
    id,
  );
  if (found === null) throw new Error(`there is no ${id}`);
  return found;
}

describe('the view of an incident', () => {
  test('says who was rung by which path, why, and what came back', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    const { pages } = await view();
    expect(pages).toMatchObject([
      {
        person: 'ada',
        purposes: ['expert'],
        because: 'named in the configuration',
        state: 'open',
        requestedAt: '2026-01-05T12:00:00Z',
        rings: [
          {
            target: 'pd',
            address: 'pd ada',
            status: 'confirmed',
            attempts: [{ name: 'pager.trigger', status: 'done', attempts: 1 }],
          },
        ],
      },
    ]);
  });

  test('explains the severity by rule and by trigger, with the place and the values seen', async () => {
    h = await startEngine({ policy: policy({ triggers: [noisy] }) });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect((await view()).severity).toMatchObject({
      level: 'L2',
      by: 'rule',
      because: 'source prom maps severity "critical" to L2',
    });
    await h.ask({ type: 'SetFlag', flag: 'corrupt' }, 'inc-1');
    await h.settle();
    expect((await view()).severity).toMatchObject({
      level: 'L1',
      by: 'trigger',
      cause: 'money lost',
      where: 'test.yaml:1',
      because: 'trigger "money lost" (test.yaml:1): flag corrupt is set',
      changes: [{ to: 'L2' }, { from: 'L2', to: 'L1', direction: 'raise' }],
    });
  });

  test('lists what is owed next with its time, and the posts that wait for a person', async () => {
    h = await startEngine({ policy: withLevel('L2', {}) });
    await h.ask({
      type: 'Declare',
      level: 'L1',
      title: 'Tills',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    });
    await h.settle();
    const { owed, waiting, posts, roles } = await view();
    expect(waiting).toEqual(['d1']);
    expect(posts).toMatchObject([{ id: 'd1', state: 'waiting', approval: 'required' }]);
    expect(owed).toContainEqual(
      expect.objectContaining({
        what: 'an alarm, unless public post d1 (investigating) is on page',
      }),
    );
    const times = owed.flatMap(({ dueAt }) => dueAt ?? []);
    expect(times).toEqual(times.toSorted());
    expect(roles).toContainEqual(
      expect.objectContaining({ role: 'commander', person: null, state: 'open' }),
    );
  });

  test('says of a page that the answer of another silenced it, not that its person answered', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(6 * MINUTE);
    const actor = { kind: 'person', id: 'ben', via: 'api' } as const;
    await h.ask({ type: 'Acknowledge', page: null }, 'inc-1', { actor });
    await h.settle();
    const { pages, timeline } = await view();
    expect(pages.slice(0, 2)).toMatchObject([
      { person: 'ada', acknowledgedBy: 'ben', silenced: true },
      { person: 'ben', acknowledgedBy: 'ben', silenced: false },
    ]);
    expect(timeline.map(({ text }) => text)).toContain('Page p1 was silenced, since ben answered.');
  });

  test('no longer says of a page that it was silenced once its person has answered it', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.ask({ type: 'TakeRole', role: 'expert' }, 'inc-1', { actor: byPerson('ben') });
    await h.settle();
    const [silenced] = (await view()).pages;
    expect(silenced).toMatchObject({ person: 'ada', acknowledgedBy: 'ben', silenced: true });
    const ref = silenced?.rings[0]?.ref ?? '';
    await h.deliver('hooks', [vendorIncident({ ref, action: 'reopened' })]);
    await h.settle();
    await h.ask({ type: 'Acknowledge', page: 'p1' }, 'inc-1', { actor: byPerson('ada') });
    expect((await view()).pages[0]).toMatchObject({ acknowledgedBy: 'ada', silenced: false });
  });

  test('names the level as it was when a reload has removed it', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    const found = await incidentView(
      h.store.reads,
      { policy: { ...h.engine.setup().policy, levels: [] } },
      '1',
    );
    expect(found?.severity).toMatchObject({ level: 'L2', name: 'Level L2' });
  });

  test('lists a role once: by who has it, once somebody has', async () => {
    h = await startEngine();
    const about = {
      level: 'L2',
      title: 'Tills',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    };
    await h.ask({ type: 'Declare', ...about });
    await h.settle();
    const { pages } = await view();
    const page = decodePage(pages.find(({ person: rung }) => rung === 'cleo')?.id ?? '');
    const actor = { kind: 'person', id: 'cleo', via: 'api' } as const;
    await h.ask({ type: 'Acknowledge', page }, 'inc-1', { actor });
    await h.settle();
    const { roles } = await view();
    expect(roles.filter(({ role }) => role === 'commander')).toMatchObject([
      { person: 'cleo', name: 'Cleo', state: 'filled' },
    ]);
  });

  test('has a timeline of sentences without bookkeeping', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    await h.ask({ type: 'AddNote', text: 'Looking.' }, 'inc-1', {
      actor: { kind: 'person', id: 'ben', via: 'cli' },
    });
    const timeline = (await incidentTimeline(h.store.reads, '1'))?.timeline ?? [];
    expect(timeline[0]).toMatchObject({
      at: '2026-01-05T12:00:00Z',
      actor: 'source prom',
      text: 'Opened from prom: Basket answers with errors.',
    });
    expect(timeline.at(-1)).toMatchObject({ actor: 'ben via cli', text: 'Note: Looking.' });
    expect(await incidentTimeline(h.store.reads, 'inc-9')).toBeNull();
  });

  test('lists incidents newest first, page by page', async () => {
    h = await startEngine();
    for (const key of ['a', 'b', 'c']) await h.deliver('prom', [alert({ dedupKey: key })]);
    await h.settle();
    const { incidents: first } = await incidentList(h.store.reads, {
      open: true,
      limit: 2,
      before: null,
    });
    expect(first.map(({ id }) => id)).toEqual(['inc-3', 'inc-2']);
    const { incidents: next } = await incidentList(h.store.reads, {
      open: true,
      limit: 2,
      before: '2',
    });
    expect(next.map(({ id }) => id)).toEqual(['inc-1']);
  });
});

describe('a sentence', () => {
  test('does not end with two full stops', () => {
    h = { end: async () => undefined } as Harness;
    const event: IncidentEvent = {
      incident: 'inc-1',
      version: 9,
      at: 0,
      input: 'in-1',
      actor: { kind: 'tocsin' },
      policy: 'p',
      type: 'AlarmRaised',
      alarm: { kind: 'nobody' },
      reason: 'Nobody came.',
      count: 2,
    };
    expect(sentenceOf(event, String)).toBe('ALARM (2 times): Nobody came.');
  });
});

describe('explain', () => {
  const where = (line: number) => ({ file: 'shop.yaml', line, column: 1 });
  const when = (value: string) => ({
    all: [{ label: 'alertname', operator: '=' as const, value }],
    any: [],
    none: [],
  });
  const rule = (name: string, line: number) => ({
    name,
    when: when(name),
    severity: 'L1',
    service: null,
    groupBy: ['service'],
    trusted: false,
    suppress: false,
    continue: false,
    where: where(line),
  });

  async function explained(body: readonly Partial<Observation>[] | string, source = 'prom') {
    const teams = {
      shop: {
        ...policy().teams['shop'],
        rules: [rule('Slow', 3), rule('Errors', 7), rule('Full', 9)],
      },
    } as ReturnType<typeof policy>['teams'];
    const silent = { ...person('dev'), addresses: [address('og', 'dev')] };
    const { targets, people } = policy();
    h = await startEngine({
      policy: policy({
        teams,
        people: { ...people, dev: silent },
        targets: { ...targets, og: { ...targets['og'], mode: 'off' } } as typeof targets,
      }),
    });
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return explain(
      { ...h.engine.setup(), lookups: h.engine.lookups() },
      { source, body: new TextEncoder().encode(text), headers: {} },
      h.clock.now() + MINUTE,
    );
  }

  test('names the rule that decides, why not the others, and who would be rung', async () => {
    const said = await explained([alert({ labels: { service: 'basket', alertname: 'Errors' } })]);
    expect(said).toMatchObject({
      ok: true,
      observations: [
        {
          verdict: 'take',
          rule: { name: 'Errors', where: 'shop.yaml:7' },
          because: 'rule "Errors" (shop.yaml:7) gives L1',
          level: { level: 'L1', publicApproval: 'required' },
          triage: [
            {
              role: 'expert',
              who: [{ person: 'ada', addresses: [{ target: 'pd', mode: 'live' }] }],
            },
          ],
          declared: [
            { role: 'commander', who: [{ person: 'cleo' }], nobody: null },
            { role: 'voice', who: [], nobody: 'Dev has no address on a pager that is switched on' },
          ],
          tried: [
            { kind: 'route', name: 'default route', whyNot: null },
            { name: 'Slow', whyNot: 'alertname="Slow", but alertname is "Errors"' },
            { name: 'Errors', whyNot: null },
            { name: 'Full', whyNot: 'not looked at: Errors (shop.yaml:7) came first' },
          ],
        },
      ],
    });
    expect(await h.open()).toEqual([]);
    expect(h.sent()).toEqual([]);
  });

  test('says of each phone in which mode its pager is', async () => {
    const { targets } = policy();
    h = await startEngine({
      policy: policy({
        targets: { ...targets, pd: { ...targets['pd'], mode: 'shadow' } } as typeof targets,
      }),
    });
    const said = explain(
      h.engine.setup(),
      { source: 'prom', body: new TextEncoder().encode(JSON.stringify([alert()])), headers: {} },
      h.clock.now(),
    );
    const rung = said.ok ? said.observations[0]?.triage[0]?.who[0]?.addresses : [];
    expect(rung?.map(({ target, mode }) => [target, mode])).toEqual([
      ['pd', 'shadow'],
      ['og', 'live'],
    ]);
  });

  test('says what cannot be read, and which sources there are', async () => {
    expect(await explained('{')).toMatchObject({ ok: false, reason: 'unparsed' });
    await h.end();
    expect(await explained([], 'promm')).toMatchObject({
      ok: false,
      reason: 'unknown_source',
      message: 'There is no source "promm". Sources: prom, hooks.',
    });
  });
});
