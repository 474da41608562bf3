/**
 * Several incidents that share phones, beside pagers that may be down: what one of them rings the others can join, as the
 * engine would look it up. Nothing is stored; every incident is decided by the core as it runs.
 */
import { stillWanted } from '../../src/core/deciding/send.ts';
import type { Effect, PageEffect, Settled } from '../../src/core/model/effect.ts';
import { isOver, type Incident, type Page } from '../../src/core/model/incident.ts';
import type { Interval, Lookups, Paused } from '../../src/core/model/lookups.ts';
import type { Policy } from '../../src/core/model/policy.ts';
import { endedUnder, ringingOf } from '../../src/core/paging/joining.ts';
import { byPerson, noLookups, observed, START, Story } from './story.ts';

type VendorKey = Pick<PageEffect, 'target' | 'key'>;
const idOf = ({ target, key }: VendorKey): string => `${target} ${key}`;

function holds(page: Page, { target, key }: VendorKey): boolean {
  return page.rings.some((ring) => ring.target === target && ring.key === key);
}

export class World {
  readonly stories: Story[] = [];
  /** What there is at the pagers: whether it rings, or somebody answered it there, or we did. */
  readonly objects = new Map<string, VendorKey & { state: 'rings' | 'answered' | 'closed' }>();
  readonly down = new Set<string>();
  /** While it holds nobody is rung. */
  pause: Paused | null = null;
  now = START;
  readonly #pauses: Interval[] = [];
  /** What waits for a pager that is down, or for the end of a pause. */
  #waiting: { readonly story: Story; readonly effect: Effect }[] = [];
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** An alert opens an incident of the level. */
  open(level: string): Story {
    const story = new Story(this.#policy, `inc-${this.stories.length + 1}`);
    story.now = this.now;
    story.answer = (effect) => this.#answer(story, effect);
    this.stories.push(story);
    this.#lookAround(story);
    story.feed(observed({ level, groupKey: story.id }));
    return story;
  }

  /** Does something at the incident, which sees the others as they are. */
  at(story: Story, act: (story: Story) => void): void {
    this.#lookAround(story);
    act(story);
  }

  /** All of them live through the time, half a minute by half a minute. */
  advance(ms: number): void {
    for (let left = ms; left > 0; left -= 30_000) {
      const step = Math.min(30_000, left);
      for (const story of this.stories) this.at(story, (one) => one.advance(step));
      this.now += step;
      if (this.pause !== null && this.pause.until <= this.now) this.#endPause(this.pause);
      this.#sendAgain();
    }
  }

  /** Somebody holds up all pages for a while. */
  hold(ms: number): void {
    this.pause ??= { since: this.now, until: this.now + ms, by: 'ada', why: 'a drill' };
  }

  #endPause({ since, until }: Paused): void {
    this.#pauses.push({ from: since, until });
    this.pause = null;
  }

  #sendAgain(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { story, effect } of waiting) {
      this.#lookAround(story);
      const settled = this.#answer(story, effect);
      if (settled !== null)
        this.at(story, (one) => one.feed({ type: 'EffectSettled', effect, settled }));
    }
  }

  /** Somebody does something at a pager with what rings there; every incident that holds it hears of it. */
  touch(key: VendorKey, by: string, action: 'acknowledged' | 'resolved'): void {
    const at = { target: key.target, key: key.key, ref: '' };
    const object = this.objects.get(idOf(key));
    if (object !== undefined) object.state = action === 'resolved' ? 'closed' : 'answered';
    for (const story of this.stories)
      for (const page of Object.values(story.incident.pages))
        if (holds(page, key))
          this.at(story, (one) =>
            one.feed(
              { type: 'PageObserved', page: page.id, ...at, action, by, known: true, text: null },
              byPerson(by),
            ),
          );
  }

  /** Whether the page's phone rings, or is about to at a pager that is down or when paging goes on. */
  rings(page: Page): boolean {
    return page.rings.some((ring) => {
      const object = this.objects.get(idOf(ring));
      const isHeld = this.pause !== null || this.down.has(ring.target);
      return object?.state === 'rings' || (object === undefined && isHeld);
    });
  }

  #lookAround(story: Story): void {
    const states = (): readonly Incident[] =>
      this.stories.flatMap((one) => (one === story || one.state === null ? [] : [one.state]));
    const pages = (key: VendorKey, isMeant: (page: Page) => boolean): boolean =>
      states().some(({ pages: all }) =>
        Object.values(all).some((page) => holds(page, key) && isMeant(page)),
      );
    const lookups: Lookups = {
      ...noLookups,
      pauses: this.pause === null ? {} : { paging: this.pause },
      pagingWasPaused: this.#pauses,
      ringsAt: (address) =>
        states().flatMap((state) =>
          Object.values(state.pages).flatMap((page) => {
            const ringing = ringingOf(state, page);
            return ringing?.address === address ? [ringing] : [];
          }),
        ),
      isShared: (key) => pages(key, ({ state }) => state !== 'closed'),
      isAwaited: (key) => pages(key, ({ state }) => state === 'open'),
      endedUnder: (key) => states().flatMap((state) => endedUnder(state, key, null)),
    };
    story.lookups = lookups;
  }

  #answer(story: Story, effect: Effect): Settled | null {
    const wanted = stillWanted(story.incident, effect, story.context);
    if (wanted.verdict === 'superseded') return { result: 'superseded', why: wanted.why };
    if (!('page' in effect))
      return { result: 'delivered', receipt: 'confirmed', externalRef: 'r', url: null };
    if (wanted.verdict === 'send' && !this.down.has(effect.target)) return this.#atPager(effect);
    this.#waiting.push({ story, effect });
    return null;
  }

  #atPager(effect: PageEffect): Settled {
    const { target, key, name } = effect;
    const there = this.objects.get(idOf(effect));
    if (name === 'pager.find') {
      const found = there !== undefined && there.state !== 'closed';
      const status = there?.state === 'answered' ? 'acknowledged' : 'triggered';
      return { result: 'read', read: { found, externalRef: 'r', status, by: null }, detail: '' };
    }
    const isOpen = there !== undefined && there.state !== 'closed';
    if (name === 'pager.trigger' && !isOpen)
      this.objects.set(idOf(effect), { target, key, state: 'rings' });
    if (name === 'pager.acknowledge' && there?.state === 'rings') there.state = 'answered';
    if (name === 'pager.resolve' && there !== undefined) there.state = 'closed';
    return { result: 'delivered', receipt: 'confirmed', externalRef: 'r', url: null };
  }
}

/** Incidents of the level that go on and for which alerts fire. */
export function goingOn(world: World, level: string): readonly Story[] {
  return world.stories.filter(
    ({ incident }) => incident.level === level && !isOver(incident) && incident.alerts.firing > 0,
  );
}
