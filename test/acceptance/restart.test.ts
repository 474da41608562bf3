/**
 * The process is killed in the middle of its work, and started again.
 *
 * The crane stops. Alertmanager tells Tocsin, whose trusted rule declares the incident at once: the watch is rung at
 * PagerDuty and the status page says Investigating. On the way the server dies by SIGKILL, once at each point where
 * something is on disk or at a vendor and the other side does not know it yet:
 *
 *     delivery -> inbox -> decision -> `sending` -> request -> vendor accepts -> answer -> settled
 *              1       2          3           4                              5         6
 *
 * Whatever the point, after the next start nothing is lost, the watch has been rung exactly once and under one vendor
 * incident, an acknowledgement on the phone finds its incident, and no sentence stands on the status page twice. This is
 * the real process with the real clock; the vendors are stand-ins that outlive it.
 */
import { describe, expect, test } from 'vitest';
import type { TruthEntry } from '../../src/sandbox/truth.ts';
import type { OutboxRow } from '../../src/store/store.ts';
import type { DieAt } from '../support/die-at.ts';
import {
  deliver,
  delivery,
  realWorld,
  type RealServer,
  type RealWorld,
  until,
} from '../support/real.ts';

const PAGE = 'pager.trigger';
const POST = 'statusPage.publish';
const PATIENCE_MS = 90_000;

async function rowsOf(world: RealWorld, name: string): Promise<readonly OutboxRow[]> {
  const incidents = await world.incidents();
  const rows = await Promise.all(
    incidents.map(({ id }) => world.read((reads) => reads.outboxOf(id))),
  );
  return rows.flat().filter((row) => row.effect.name === name);
}

/** Delivers the alert to a server that dies over it. */
async function dieOver(world: RealWorld, dieAt: DieAt): Promise<void> {
  const server = await world.start(dieAt);
  await deliver(server.url, delivery('CraneDown'));
  expect(await server.ended).toBe('SIGKILL');
}

/** Delivers the alert, and kills the server in the moment in which the vendor has done it and not answered yet. */
async function killBeforeAnswer(world: RealWorld, kind: TruthEntry['kind']): Promise<void> {
  const server = await world.start();
  const killed = new Promise<void>((done) => {
    world.sandbox.watch((entry) => {
      if (entry.kind === kind) void server.kill().then(done);
    });
  });
  await deliver(server.url, delivery('CraneDown'));
  await killed;
}

function rings(world: RealWorld): readonly string[] {
  return world
    .pages()
    .filter((page) => page.event === 'rang')
    .map((page) => page.ref);
}

/** What holds after every restart; returns when the watch has acknowledged on the phone. */
async function rungOnce(world: RealWorld, server: RealServer): Promise<void> {
  await until('the watch is rung', () => rings(world).length > 0);
  await until('the page is settled', async () =>
    (await rowsOf(world, PAGE)).every((row) => row.status === 'done'),
  );
  expect(rings(world)).toHaveLength(1);
  expect(new Set(world.pages().map((page) => page.ref)).size).toBe(1);
  expect(new Set(world.pages().map((page) => page.key)).size).toBe(1);

  const incidents = await world.incidents();
  expect(incidents).toHaveLength(1);
  expect(world.sandbox.answer({ target: 'pd', address: 'PCRANE1', verb: 'acknowledge' }).ok).toBe(
    true,
  );
  await until(`the acknowledgement is heard; the server said:\n${server.output()}`, async () =>
    Object.values((await world.incidents())[0]?.pages ?? {}).every(
      (page) => page.state === 'acknowledged',
    ),
  );
}

describe.concurrent('the server is killed while it rings the watch', () => {
  test(
    '1: the delivery is in the inbox and nothing is decided; the next start decides it',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'inbox committed', about: PAGE });
      expect(await world.read((reads) => reads.health(0))).toMatchObject({ undecided: 1 });
      expect([await world.incidents(), world.pages()]).toEqual([[], []]);

      await rungOnce(world, await world.start());
    },
    PATIENCE_MS,
  );

  test(
    '2: the incident is decided and its page waits in the outbox; the next start sends it',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'decision committed', about: PAGE });
      expect(await rowsOf(world, PAGE)).toMatchObject([{ status: 'pending', attempt: 0 }]);
      expect(world.pages()).toEqual([]);

      await rungOnce(world, await world.start());
    },
    PATIENCE_MS,
  );

  test(
    '3: the page is marked as being sent and no request has left; the next start rings all the same',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'sending committed', about: PAGE });
      expect(await rowsOf(world, PAGE)).toMatchObject([{ status: 'sending', attempt: 1 }]);
      expect(world.pages()).toEqual([]);

      await rungOnce(world, await world.start());
      expect(await rowsOf(world, PAGE)).toMatchObject([{ attempt: 2, ambiguous: true }]);
    },
    PATIENCE_MS,
  );

  test(
    '4: the request is at the vendor and hangs there; the next start rings',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      world.sandbox.setFault({ target: 'pd', path: '/events', fault: 'hang', times: 1 });
      const dying = await world.start();
      await deliver(dying.url, delivery('CraneDown'));
      await until('the request hangs', () => world.sandbox.waiting() > 0);
      await dying.kill();
      expect(await rowsOf(world, PAGE)).toMatchObject([{ status: 'sending' }]);
      expect(world.pages()).toEqual([]);

      await rungOnce(world, await world.start());
    },
    PATIENCE_MS,
  );

  test(
    '5: the phone rings already and no answer has come; the repeat under the same key is silent',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await killBeforeAnswer(world, 'page');
      expect(await rowsOf(world, PAGE)).toMatchObject([{ status: 'sending' }]);

      await rungOnce(world, await world.start());
      expect(world.pages().map((page) => page.event)).toEqual(['rang', 'repeated', 'acknowledged']);
    },
    PATIENCE_MS,
  );

  test(
    '6: the vendor has answered and the outcome is not stored; the repeat under the same key is silent',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'before settle', about: PAGE });
      expect(rings(world)).toHaveLength(1);
      expect(await rowsOf(world, PAGE)).toMatchObject([{ status: 'sending' }]);

      await rungOnce(world, await world.start());
      expect(world.pages().map((page) => page.event)).toEqual(['rang', 'repeated', 'acknowledged']);
    },
    PATIENCE_MS,
  );
});

async function draftStates(world: RealWorld): Promise<readonly string[]> {
  const incidents = await world.incidents();
  return incidents.flatMap(({ drafts }) => Object.values(drafts).map((draft) => draft.state));
}

async function isLookedUp(world: RealWorld): Promise<boolean> {
  const finds = await rowsOf(world, 'statusPage.find');
  return finds.some((row) => row.attempt > 0 && row.status === 'pending');
}

describe.concurrent('the server is killed while it posts on the status page', () => {
  test(
    '3: no request has left; the post is looked up and not blindly repeated',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'sending committed', about: POST });
      expect(world.posts()).toEqual([]);

      await world.start();
      await until('the page is looked at', () => isLookedUp(world));
      expect([world.posts(), await draftStates(world)]).toEqual([[], ['unknown']]);
      // It is owed still: the order to look waits for its next time, and after five minutes of absence it is sent once more.
      expect(await rowsOf(world, 'statusPage.find')).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  test(
    '5: the sentence is on the page and no answer has come; it is found there',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await killBeforeAnswer(world, 'post');
      expect(await draftStates(world)).toEqual(['queued']);

      await world.start();
      await until('it is found', async () => (await draftStates(world)).includes('published'));
      expect([world.posts().length, await draftStates(world)]).toEqual([1, ['published']]);
    },
    PATIENCE_MS,
  );

  test(
    '6: the vendor has answered and the outcome is not stored; the sentence is found on the page',
    async ({ expect, onTestFinished }) => {
      const world = await realWorld({ onTestFinished });
      await dieOver(world, { point: 'before settle', about: POST });
      expect(world.posts()).toHaveLength(1);

      await world.start();
      await until('it is found', async () => (await draftStates(world)).includes('published'));
      expect([world.posts().length, await draftStates(world)]).toEqual([1, ['published']]);
    },
    PATIENCE_MS,
  );
});
