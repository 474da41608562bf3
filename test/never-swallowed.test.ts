/**
 * Random walks through several incidents at once: whatever rings, is answered, resolved at a pager or refused there, and
 * whichever page joins which ring, each incident of the worst level rings for every role that it looks for.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeEscalation } from '../src/core/model/keys.ts';
import { levelOf } from '../src/core/model/decision.ts';
import { isOwed } from '../src/core/model/incident.ts';
import { byPerson, cleared, declare, MINUTE, observed, type Story } from './support/story.ts';
import { rich } from './support/walk.ts';
import { goingOn, World } from './support/world.ts';

/** More by `WALKS=2000 npx vitest run test/never-swallowed.test.ts`. */
const WALKS = Number(process.env['WALKS'] ?? 60);
const WORST = 'L1';
const PEOPLE = ['ada', 'ben', 'cleo', 'dev', 'eve'] as const;

type Step = (world: World) => void;

const which = fc.nat(99);
const person = fc.constantFrom(...PEOPLE);

function one<T>(all: readonly T[], index: number): T | undefined {
  return all[index % Math.max(1, all.length)];
}

const onStory = (act: (story: Story) => void): fc.Arbitrary<Step> =>
  which.map((index) => (world) => {
    const story = one(world.stories, index);
    if (story !== undefined) world.at(story, act);
  });

const opens: fc.Arbitrary<Step> = fc
  .constantFrom('L1', 'L1', 'L2', 'L3')
  .map((level) => (world) => void (world.stories.length < 5 && world.open(level)));
const declares = onStory((story) => void story.feed(declare, byPerson('finn')));
const clears = onStory((story) => void story.feed(cleared));
const fires = onStory((story) => {
  const { level } = story.incident;
  story.feed(observed({ level, groupKey: story.id }));
});
const resolves = onStory(
  (story) => void story.feed({ type: 'Resolve', text: null }, byPerson('finn')),
);
const raises = onStory(
  (story) =>
    void story.feed({ type: 'ChangeSeverity', level: WORST, reason: 'worse' }, byPerson('finn')),
);
const answersHere: fc.Arbitrary<Step> = fc.tuple(which, person).map(([index, by]) => (world) => {
  const story = one(world.stories, index);
  if (story !== undefined)
    world.at(story, (at) => at.feed({ type: 'Acknowledge', page: null }, byPerson(by)));
});
const answersThere: fc.Arbitrary<Step> = fc
  .tuple(which, person, fc.constantFrom('acknowledged', 'acknowledged', 'resolved'))
  .map(([index, by, action]) => (world) => {
    const ringing = [...world.objects.values()].filter(({ state }) => state === 'rings');
    const object = one(ringing, index);
    if (object !== undefined) world.touch(object, by, action);
  });
const turns: fc.Arbitrary<Step> = fc.constantFrom('pd', 'og').map((pager) => (world) => {
  if (!world.down.delete(pager)) world.down.add(pager);
});
const pauses: fc.Arbitrary<Step> = fc
  .integer({ min: 1, max: 20 })
  .map((n) => (world) => world.hold((n * MINUTE) / 2));
const passes: fc.Arbitrary<Step> = fc
  .nat(12)
  .map((n) => (world) => world.advance((n * MINUTE) / 2));

const step = fc.oneof(
  { weight: 4, arbitrary: opens },
  { weight: 2, arbitrary: declares },
  { weight: 1, arbitrary: clears },
  { weight: 1, arbitrary: fires },
  { weight: 1, arbitrary: resolves },
  { weight: 1, arbitrary: raises },
  { weight: 2, arbitrary: answersHere },
  { weight: 3, arbitrary: answersThere },
  { weight: 1, arbitrary: turns },
  { weight: 1, arbitrary: pauses },
  { weight: 5, arbitrary: passes },
);

/** Every role that the level pages by now is held or answered for, or somebody's phone rings for it. */
function checkRings(world: World): void {
  for (const story of goingOn(world, WORST)) {
    const { incident, policy } = story;
    const page = levelOf({ state: incident, policy })?.page;
    const roles = [
      ...(page?.triage ?? []),
      ...(incident.declaredAt === null ? [] : (page?.declared ?? [])),
    ];
    for (const role of roles) {
      const escalation = incident.escalations[encodeEscalation({ kind: 'role', role })];
      expect(escalation, `${incident.id} looks for no ${role}`).toBeDefined();
      if (!isOwed(escalation)) continue;
      const pages = Object.values(incident.pages).filter(
        ({ state, escalations }) => state === 'open' && escalations.includes(escalation.id),
      );
      expect(
        pages.some((each) => world.rings(each)),
        `nothing rings for ${role} of ${incident.id}: ${JSON.stringify(pages)}`,
      ).toBe(true);
    }
  }
}

test('each incident of the worst level rings, or joins a ring that rings, for each role that it looks for', () => {
  let joined = 0;
  const property = fc.property(fc.array(step, { minLength: 8, maxLength: 40 }), (steps) => {
    const world = new World(rich);
    for (const act of steps) {
      act(world);
      // What was looked up a moment ago is settled, and what fell due with it is dealt with.
      world.advance(MINUTE / 2);
      checkRings(world);
    }
    joined += world.stories.flatMap(({ events }) =>
      events.filter(
        (event) => event.type === 'PageRequested' && event.because.includes('already ringing'),
      ),
    ).length;
  });
  fc.assert(property, { seed: 7, numRuns: WALKS });
  expect(joined, 'pages that joined a ring').toBeGreaterThan(WALKS);
}, 120_000);
