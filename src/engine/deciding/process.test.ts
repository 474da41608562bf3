/** From delivery to decision: what becomes of what arrives. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  alert,
  type Harness,
  MINUTE,
  realCore,
  SECOND,
  START,
  startEngine,
  vendorIncident,
} from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';

type Accepted = Awaited<ReturnType<Harness['deliver']>>;

let h: Harness;
afterEach(() => h.end());

function idOf(accepted: Accepted): string {
  if (accepted.kind !== 'accepted') throw new Error(`not accepted: ${accepted.kind}`);
  return accepted.id;
}

async function dispositionOf(accepted: Accepted) {
  return (await h.store.reads.inboxRow(idOf(accepted)))?.disposition;
}

async function eventsOf(incident: string): Promise<readonly string[]> {
  return (await h.store.reads.timeline(incident)).map(({ event }) => event.type);
}

describe('an alert', () => {
  test('of a source without `stale_after` that is told in turns with two starts is one outage', async () => {
    const { prom, ...sources } = policy().sources;
    if (prom === undefined) throw new Error('the base policy has no prom');
    h = await startEngine({
      policy: policy({ sources: { ...sources, prom: { ...prom, staleAfterMs: null } } }),
    });
    for (const startsAt of [START, START, START + 5 * MINUTE]) {
      await h.deliver('prom', [alert({ startsAt })]);
      await h.settle();
      await h.clock.advanceBy(10 * MINUTE);
    }
    expect((await eventsOf('inc-1')).filter((type) => type.startsWith('Alerts'))).toEqual([
      'AlertsAttached',
    ]);
  });

  test('becomes an incident and rings the on-call of its service, in one commit', async () => {
    let commits = 0;
    h = await startEngine({
      wrap: (store) => ({
        ...store,
        transact: (work) => {
          commits += 1;
          return store.transact(work);
        },
      }),
    });
    let commitsAtTrigger = 0;
    const answer = h.vendors.page;
    h.vendors.page = (call) => {
      commitsAtTrigger = commits;
      return answer(call);
    };
    commits = 0;
    const accepted = await h.deliver('prom', [alert()]);
    await h.settle();
    expect(commitsAtTrigger).toBe(1);
    expect(await h.incident('inc-1')).toMatchObject({
      phase: 'triage',
      level: 'L2',
      alerts: { firing: 1, total: 1 },
    });
    expect(h.sent('trigger')).toMatchObject([
      { at: START, target: 'pd', order: { address: { user: 'ada' } } },
    ]);
    expect(await dispositionOf(accepted)).toMatchObject({
      kind: 'decided',
      incidents: ['inc-1'],
      note: 'opened inc-1',
    });
  });

  test('that repeats rings nobody and adds nothing to the timeline', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    const before = await eventsOf('inc-1');
    const again = await h.deliver('prom', [alert()]);
    await h.settle();
    expect(h.sent('trigger')).toHaveLength(1);
    expect(await eventsOf('inc-1')).toEqual(before);
    expect(await dispositionOf(again)).toMatchObject({ note: 'repeats an alert of inc-1' });
  });

  test('whose delivery is repeated by the vendor is accepted again and taken once', async () => {
    h = await startEngine();
    const first = await h.deliver('prom', [alert()], { 'x-delivery': 'd1' });
    const second = await h.deliver('prom', [alert()], { 'x-delivery': 'd1' });
    expect(second).toEqual({ kind: 'accepted', id: idOf(first), duplicate: true });
    const sameIdElsewhere = await h.deliver('hooks', [alert()], { 'x-delivery': 'd1' });
    expect(sameIdElsewhere).toMatchObject({ duplicate: false });
  });

  test('that fires, clears and fires again with identical bodies rings twice', async () => {
    h = await startEngine();
    const fire = [alert({ dedupKey: 'disk' })];
    const clear = [alert({ dedupKey: 'disk', status: 'resolved' })];
    await h.deliver('prom', fire);
    await h.clock.advanceBy(MINUTE);
    await h.deliver('prom', clear);
    await h.clock.advanceBy(60 * MINUTE);
    const before = h.sent('trigger').length;
    await h.deliver('prom', fire);
    await h.settle();
    expect(h.sent('trigger')).toHaveLength(before + 1);
    expect((await h.open()).map(({ id }) => id)).toEqual(['inc-2']);
  });

  test('observed before its last observation changes nothing', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ observedAt: START })]);
    await h.settle();
    const late = await h.deliver('prom', [
      alert({ status: 'resolved', observedAt: START - SECOND }),
    ]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ alerts: { firing: 1 } });
    expect(await dispositionOf(late)).toEqual({
      kind: 'ignored',
      note: 'older than the last observation of this alert',
    });
  });

  test('that was observed again is not cleared by what was observed before that', async () => {
    h = await startEngine();
    for (const observedAt of [START, START + 2 * SECOND])
      await h.deliver('prom', [alert({ observedAt })]);
    await h.deliver('prom', [alert({ status: 'resolved', observedAt: START + SECOND })]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ alerts: { firing: 1 } });
  });

  test('joins the open incident of its group, and hundreds of them are one decision', async () => {
    const rule = {
      name: 'basket',
      when: { all: [], any: [], none: [] },
      severity: 'L2',
      service: null,
      groupBy: ['service'],
      trusted: false,
      suppress: false,
      continue: false,
      where: { file: 'shop.yaml', line: 1, column: 1 },
    };
    const team = {
      id: 'shop',
      services: ['basket'],
      rules: [rule],
      onCall: null,
      chat: null,
    };
    h = await startEngine({ policy: policy({ teams: { shop: team } }) });
    const all = Array.from({ length: 10_000 }, (_, i) => alert({ dedupKey: `pod-${i}` }));
    for (let at = 0; at < all.length; at += 500) void h.deliver('prom', all.slice(at, at + 500));
    await h.settle();
    const incident = await h.incident('inc-1');
    expect(incident.alerts).toMatchObject({ firing: 10_000, total: 10_000 });
    expect(
      (await eventsOf('inc-1')).filter((type) => type === 'AlertsAttached').length,
    ).toBeLessThanOrEqual(10_000 / 500);
    expect(h.sent('trigger')).toHaveLength(1);
    expect(await h.open()).toHaveLength(1);
  });
});

describe('what cannot be read', () => {
  test('joins one open incident per source and hour, and says how many there were', async () => {
    h = await startEngine();
    const [first] = await Promise.all([
      h.deliver('prom', 'no json'),
      h.deliver('prom', 'still none'),
    ]);
    await h.settle();
    await h.deliver('prom', '{}');
    await h.settle();
    expect(await h.open()).toHaveLength(1);
    expect(await h.incident('inc-1')).toMatchObject({
      title: 'Deliveries of prom could not be read',
      routing: { source: 'tocsin', labels: { alertname: 'UnparsedDelivery', source: 'prom' } },
    });
    expect(await dispositionOf(first)).toMatchObject({ kind: 'unparsed', incident: 'inc-1' });
    const counts = (await h.store.reads.timeline('inc-1')).flatMap(({ event }) =>
      event.type === 'DeliveriesUnparsed' ? [event.count] : [],
    );
    expect(counts).toEqual([2, 1]);
    await h.clock.advanceBy(60 * MINUTE);
    await h.deliver('prom', 'next hour');
    await h.deliver('hooks', 'other source');
    await h.settle();
    expect(await h.open()).toHaveLength(3);
  });

  test('does not hold up what can be read in the same turn', async () => {
    h = await startEngine();
    void h.deliver('prom', 'garbage');
    void h.deliver('prom', [alert()]);
    await h.settle();
    expect((await h.open()).map(({ title }) => title).toSorted()).toEqual([
      'Basket answers with errors',
      'Deliveries of prom could not be read',
    ]);
  });
});

describe('a sender who is not who it should be', () => {
  test('is refused; three within a minute are said once, later ones are counted, and nobody is rung', async () => {
    h = await startEngine();
    const bad = { 'x-signature': 'bad' };
    const said = (): readonly string[] =>
      h.sent('post').map(({ order }) => (order as { readonly text: string }).text);
    for (let i = 0; i < 2; i += 1)
      expect(await h.deliver('prom', [alert()], bad)).toMatchObject({ kind: 'refused' });
    await h.settle();
    expect(said()).toEqual([]);
    for (let i = 0; i < 5; i += 1) await h.deliver('prom', [alert()], bad);
    await h.settle();
    expect(said()).toEqual([expect.stringContaining('3 deliveries of prom within a minute')]);
    expect((await h.engine.health()).refused).toMatchObject([{ source: 'prom', count: 7 }]);
    await h.clock.advanceBy(16 * MINUTE);
    expect(said().at(-1)).toBe('No delivery of prom was refused for 15 minutes; 7 were.');
    expect(await h.open()).toEqual([]);
  });

  test('is no burst when the refusals are far apart', async () => {
    h = await startEngine();
    for (let i = 0; i < 5; i += 1) {
      await h.deliver('prom', [alert()], { 'x-signature': 'bad' });
      await h.clock.advanceBy(31 * SECOND);
    }
    expect(h.sent('post')).toEqual([]);
  });

  test('is told apart from a source that does not exist', async () => {
    h = await startEngine();
    expect(await h.deliver('nobody', [alert()])).toMatchObject({ kind: 'unknown_source' });
  });
});

describe('poison', () => {
  test('that throws three times inside the core opens a minimal incident and pages; its neighbours never notice', async () => {
    h = await startEngine({
      core: {
        ...realCore,
        classify: (one, source, chosen) => {
          if (one.dedupKey === 'poison') throw new Error('a rule exploded');
          return realCore.classify(one, source, chosen);
        },
      },
    });
    const bad = await h.deliver('prom', [alert({ dedupKey: 'poison' })]);
    void h.deliver('prom', [alert({ dedupKey: 'sound' })]);
    await h.settle();
    expect((await h.open()).map(({ title }) => title)).toEqual(['Basket answers with errors']);
    expect(await dispositionOf(bad)).toMatchObject({ kind: 'undecided', failures: 2 });
    await h.clock.advanceBy(2 * SECOND);
    expect((await h.open()).map(({ title }) => title)).toContain(
      'Deliveries of prom could not be decided',
    );
    expect(await dispositionOf(bad)).toMatchObject({ kind: 'decided' });
    expect(h.sent('trigger')).toHaveLength(2);
    await h.deliver('prom', [alert({ dedupKey: 'poison' })]);
    await h.clock.advanceBy(5 * SECOND);
    expect(await h.open()).toHaveLength(2);
  });

  test('in decide leaves the alert undecided until the third time, not half taken', async () => {
    let explode = true;
    h = await startEngine({
      core: {
        ...realCore,
        decide: (state, input, context) => {
          if (explode && input.type === 'AlertsObserved') throw new Error('decide exploded');
          return realCore.decide(state, input, context);
        },
      },
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    expect(await h.open()).toEqual([]);
    explode = false;
    await h.clock.advanceBy(2 * SECOND);
    expect((await h.open()).map(({ title }) => title)).toEqual(['Basket answers with errors']);
    expect(h.sent('trigger')).toHaveLength(1);
  });

  test('over what falls due gives up after three times and pages by the minimal path', async () => {
    h = await startEngine({
      core: {
        ...realCore,
        decide: (state, input, context) => {
          if (input.type === 'TimePassed') throw new Error('a clock exploded');
          return realCore.decide(state, input, context);
        },
      },
    });
    await h.deliver('prom', [alert()]);
    await h.clock.advanceBy(6 * MINUTE);
    expect((await h.open()).map(({ title }) => title)).toEqual([
      'Incident inc-1 cannot go on by itself',
      'Basket answers with errors',
    ]);
  });
});

describe('an incident of the vendor', () => {
  test('is adopted: its phone rings already, an acknowledgement there counts, a merge is no recovery', async () => {
    h = await startEngine();
    await h.deliver('hooks', [vendorIncident()]);
    await h.settle();
    expect(h.sent('trigger')).toEqual([]);
    const [page] = Object.values((await h.incident('inc-1')).pages);
    expect(page).toMatchObject({ adopted: true, state: 'open', rings: [{ ref: 'Q1' }] });
    const by = { id: 'P-ADA', name: 'Ada', email: null };
    await h.deliver('hooks', [vendorIncident({ action: 'acknowledged', by })]);
    await h.settle();
    expect(Object.values((await h.incident('inc-1')).pages)[0]).toMatchObject({
      state: 'acknowledged',
      acknowledgedBy: 'ada',
    });
    await h.deliver('hooks', [vendorIncident({ action: 'merged', mergedInto: 'Q2' })]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ alerts: { firing: 1 } });
    await h.deliver('hooks', [vendorIncident({ action: 'resolved' })]);
    await h.settle();
    expect(await h.incident('inc-1')).toMatchObject({ alerts: { firing: 0 } });
  });

  test('that is triggered and acknowledged in one turn is adopted and acknowledged', async () => {
    h = await startEngine();
    const by = { id: 'p-ada', name: 'Ada', email: null };
    void h.deliver('hooks', [vendorIncident()]);
    void h.deliver('hooks', [vendorIncident({ action: 'acknowledged', by })]);
    await h.settle();
    expect(await h.open()).toHaveLength(1);
    expect(Object.values((await h.incident('inc-1')).pages)[0]).toMatchObject({
      acknowledgedBy: 'ada',
    });
  });

  test('that is the echo of our own page is never an alert, by key or by reference', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert()]);
    await h.settle();
    const ring = Object.values((await h.incident('inc-1')).pages)[0]?.rings[0];
    const own = { ref: ring?.ref ?? '', key: ring?.key ?? '' };
    const echo = await h.deliver('hooks', [vendorIncident(own)]);
    await h.settle();
    expect(await dispositionOf(echo)).toEqual({
      kind: 'ignored',
      note: 'the echo of a page of ours',
    });
    await h.deliver('hooks', [
      vendorIncident({
        ref: ring?.ref ?? '',
        action: 'acknowledged',
        by: { id: 'p-ada', name: null, email: null },
      }),
    ]);
    await h.settle();
    expect(await h.open()).toHaveLength(1);
    expect(Object.values((await h.incident('inc-1')).pages)[0]).toMatchObject({
      state: 'acknowledged',
    });
  });

  test('whose key is not ours is adopted at once, also while a trigger of ours is unconfirmed', async () => {
    h = await startEngine();
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'server_error',
      ambiguous: true,
      detail: 'HTTP 502',
    });
    await h.deliver('prom', [alert()]);
    await h.deliver('hooks', [vendorIncident({ ref: 'Q7', key: 'somebody-elses' })]);
    await h.settle();
    expect(await h.open()).toHaveLength(2);
  });

  test('that matches nothing and cannot be asked waits 30 s while a trigger of ours is unconfirmed', async () => {
    h = await startEngine();
    h.vendors.page = () => ({
      verb: 'retry',
      reason: 'server_error',
      ambiguous: true,
      detail: 'HTTP 502',
    });
    await h.deliver('prom', [alert()]);
    await h.settle();
    const accepted = await h.deliver('hooks', [vendorIncident({ ref: 'Q7' })]);
    await h.settle();
    expect(await dispositionOf(accepted)).toMatchObject({ kind: 'undecided' });
    await h.clock.advanceBy(29 * SECOND);
    expect(await h.open()).toHaveLength(1);
    await h.clock.advanceBy(3 * SECOND);
    expect(await h.open()).toHaveLength(2);
    expect(await dispositionOf(accepted)).toMatchObject({ kind: 'decided' });
  });

  test('is recognised as soon as our trigger is confirmed', async () => {
    h = await startEngine();
    let known = false;
    h.vendors.page = () =>
      known
        ? { verb: 'delivered', receipt: 'confirmed', externalRef: 'Q7' }
        : { verb: 'retry', reason: 'timeout', ambiguous: true, detail: 'no answer' };
    await h.deliver('prom', [alert()]);
    await h.deliver('hooks', [vendorIncident({ ref: 'Q7' })]);
    await h.settle();
    known = true;
    await h.clock.advanceBy(5 * SECOND);
    expect(await h.open()).toHaveLength(1);
  });

  test('acknowledged under a key that two incidents share is acknowledged in both', async () => {
    h = await startEngine();
    await h.deliver('prom', [alert({ dedupKey: 'one' })]);
    await h.settle();
    await h.deliver('prom', [alert({ dedupKey: 'two' })]);
    await h.settle();
    const pages = (await h.open()).flatMap(({ pages: all }) => Object.values(all));
    const keys = new Set(pages.flatMap(({ rings }) => rings.map(({ key }) => key)));
    expect(keys.size).toBe(1);
    const [key = ''] = keys;
    await h.deliver('hooks', [
      vendorIncident({ key, action: 'acknowledged', by: { id: 'p-ada', name: null, email: null } }),
    ]);
    await h.settle();
    const after = (await h.open()).flatMap(({ pages: all }) => Object.values(all));
    const sharing = after.filter(({ rings }) => rings.some((ring) => ring.key === key));
    expect(sharing.map(({ acknowledgedBy }) => acknowledgedBy)).toEqual(['ada', 'ada']);
  });
});

describe('a request', () => {
  test('is answered with its incident, and repeated under its key it is one', async () => {
    h = await startEngine();
    const declare = {
      type: 'Declare',
      level: 'L2',
      title: 'All is red',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    } as const;
    const first = await h.ask(declare, null, { key: 'k1' });
    expect(first).toMatchObject({ ok: true, incident: 'inc-1', duplicate: false });
    expect(await h.ask(declare, null, { key: 'k1' })).toMatchObject({
      ok: true,
      incident: 'inc-1',
      duplicate: true,
    });
    expect(await h.open()).toHaveLength(1);
    expect(await h.ask({ ...declare, title: 'Something else' }, null, { key: 'k1' })).toMatchObject(
      {
        ok: false,
        code: 'idempotency_key_reused',
      },
    );
  });

  test('that is retried while the first is still being decided gets the same answer', async () => {
    h = await startEngine();
    const declare = {
      type: 'Declare',
      level: 'L2',
      title: 'All is red',
      team: null,
      service: 'basket',
      text: null,
      flags: [],
    } as const;
    const both = await Promise.all([
      h.ask(declare, null, { key: 'k1' }),
      h.ask(declare, null, { key: 'k1' }),
    ]);
    expect(both.map((one) => one.ok && one.incident)).toEqual(['inc-1', 'inc-1']);
  });

  test('that the core refuses is answered with code and reason, and so is its repeat', async () => {
    h = await startEngine();
    const refused = {
      ok: false,
      code: 'unknown_incident',
      message: expect.stringMatching(/^There is no incident a: b\. /) as string,
      about: { kind: 'name', field: 'incident' },
    };
    const note = { type: 'AddNote', text: 'hello' } as const;
    expect(await h.ask(note, 'a: b', { key: 'k1' })).toEqual(refused);
    expect(await h.ask(note, 'a: b', { key: 'k1' })).toEqual(refused);
  });

  test('that the core throws over is answered as an internal failure and opens an incident', async () => {
    h = await startEngine({
      core: {
        ...realCore,
        decide: (state, input, context) => {
          if (input.type === 'Declare') throw new Error('declare exploded');
          return realCore.decide(state, input, context);
        },
      },
    });
    const asked = h.ask({
      type: 'Declare',
      level: null,
      title: null,
      team: null,
      service: null,
      text: null,
      flags: [],
    });
    await h.clock.advanceBy(3 * SECOND);
    expect(await asked).toMatchObject({ ok: false, code: 'internal' });
    expect(await h.open()).toHaveLength(1);
  });
});

describe('a restart', () => {
  test('decides what was stored and not decided', async () => {
    let isBlocked = false;
    h = await startEngine({
      core: {
        ...realCore,
        route: (...args) => {
          if (isBlocked) throw new Error('not now');
          return realCore.route(...args);
        },
      },
    });
    isBlocked = true;
    await h.deliver('prom', [alert()]);
    await h.crash();
    isBlocked = false;
    await h.restart();
    await h.clock.advanceBy(2 * SECOND);
    expect(await h.open()).toHaveLength(1);
    expect(h.sent('trigger')).toHaveLength(1);
  });

  test('after an outage asks the vendors for what was missed', async () => {
    h = await startEngine();
    await h.clock.advanceBy(MINUTE);
    await h.crash();
    const from: number[] = [];
    h.vendors.poll = (since) => {
      from.push(since);
      return { ok: true, data: [vendorIncident({ ref: 'Q42' })] };
    };
    await h.clock.advanceBy(10 * MINUTE);
    await h.restart();
    await h.clock.advanceBy(MINUTE);
    expect(from).toEqual([START]);
    expect((await h.open()).map(({ title }) => title)).toEqual(['Disk full']);
  });
});
