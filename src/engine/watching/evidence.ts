/**
 * Recomputes from the events of an open incident what must be on its way by now, and compares it with the evidence: with the
 * orders that wait in the outbox, with the rings by which answers are heard, with the state that is kept. Decided in
 * docs/adr/0033.
 *
 * It is a reading of its own: the events are folded anew, whatever the stored state says, and what must be there follows
 * from the few sentences below, not from the decision that asked for it, nor from the dispatcher that sends it. What is
 * owed it asks of the core, by the folded state: a second opinion about every clock would be a second core.
 */
import type { Instant } from '../../core/model/alert.ts';
import type { DraftPost, Incident, Page, Ring } from '../../core/model/incident.ts';
import { type ClockKey, encodeClock } from '../../core/model/keys.ts';
import type { IncidentEvent } from '../../core/model/event.ts';
import type { Obligation } from '../../core/model/obligation.ts';
import { formatDuration } from '../../lib/duration.ts';
import { canonicalJson } from '../../lib/hash.ts';
import type { OutboxRow, PageRow } from '../../store/store.ts';
import { ASKED_WITHIN_MS, lackingOf } from './asked.ts';

/** All that is known of an incident, as of one version. */
export interface Evidence {
  /** As its events say. */
  readonly folded: Incident;
  /** As it is kept. */
  readonly kept: Incident;
  /** Its events. */
  readonly timeline: readonly IncidentEvent[];
  /** All orders of it that are kept, settled or not. */
  readonly orders: readonly OutboxRow[];
  readonly pages: readonly PageRow[];
  /** What is owed by the folded state. */
  readonly owed: readonly Obligation[];
  readonly now: Instant;
}

/** Something that the events ask for and of which nothing is to be seen. */
export interface Missing {
  /** Tells it from others of the incident. */
  readonly key: string;
  /** What is missing, for whom, since when. */
  readonly what: string;
}

/** An order is written with the event that asks for it; what is owed has a minute to be dealt with, and is alarmed about by then. */
const OWED_LATE_MS = 5 * 60_000;

function ago(since: Instant, now: Instant): string {
  return formatDuration(Math.max(0, Math.floor((now - since) / 1000) * 1000));
}

const IS_WAITING: readonly OutboxRow['status'][] = ['pending', 'sending', 'ambiguous'];

function waitingIn(orders: readonly OutboxRow[]): readonly OutboxRow[] {
  return orders.filter(({ status }) => IS_WAITING.includes(status));
}

function keysOf(rows: readonly OutboxRow[], names: readonly string[]): ReadonlySet<string> {
  return new Set(
    rows.flatMap(({ effect }) =>
      names.includes(effect.name) && 'key' in effect
        ? [`${effect.page} ${effect.target} ${effect.key}`]
        : [],
    ),
  );
}

function nameOf(page: Page, ring: Ring): string {
  return `${page.id} ${ring.target} ${ring.key}`;
}

/** What is not asked for yet by its own order is asked for, shown or looked for beside another incident's ring. */
const BRINGS: Readonly<Partial<Record<Ring['status'], readonly string[]>>> = {
  pending: ['pager.trigger'],
  joining: ['pager.trigger', 'pager.note', 'pager.find'],
};

/** Rings that are asked for, at pages that people are wanted by, without an order that asks. */
function unsent({ folded, orders, now }: Evidence): readonly Missing[] {
  const waiting = waitingIn(orders);
  return Object.values(folded.pages).flatMap((page) =>
    page.state !== 'open' || page.adopted
      ? []
      : page.rings.flatMap((ring) => {
          const names = BRINGS[ring.status];
          if (names === undefined || keysOf(waiting, names).has(nameOf(page, ring))) return [];
          return [
            {
              key: `page/${nameOf(page, ring)}`,
              what: `page ${page.id} to ${page.label} was asked for ${ago(ring.at, now)} ago at ${ring.target}, and no order is there that sends it. CALL THEM`,
            },
          ];
        }),
  );
}

const IS_THERE: readonly Ring['status'][] = ['pending', 'accepted', 'confirmed', 'lost', 'joined'];

/** Rings that may ring at a pager, of which nothing is kept by which an answer would be known. */
function unheard({ folded, pages, now }: Evidence): readonly Missing[] {
  const known = new Set(pages.map(({ page, target, key }) => `${page} ${target} ${key}`));
  return Object.values(folded.pages).flatMap((page) =>
    page.state !== 'open'
      ? []
      : page.rings.flatMap((ring) =>
          !IS_THERE.includes(ring.status) || known.has(nameOf(page, ring))
            ? []
            : [
                {
                  key: `ring/${nameOf(page, ring)}`,
                  what: `page ${page.id} to ${page.label} rings at ${ring.target} since ${ago(ring.at, now)}, and nothing is kept by which an answer there would be heard. Ask them, and say so by \`tocsin ack\``,
                },
              ],
        ),
  );
}

/** Settled orders are swept some day. */
const ENDED_WITHIN_MS = 86_400_000;

/** A pager has taken it, and nobody is wanted by it any more: that was said there, or is on its way. */
function unended({ folded, orders, timeline, now }: Evidence): readonly Missing[] {
  const ended = keysOf(orders, ['pager.resolve']);
  const isOld = (page: Page): boolean => {
    const end = timeline.findLast((event) => event.type === 'PageClosed' && event.page === page.id);
    return now - (end?.at ?? 0) > ENDED_WITHIN_MS;
  };
  return Object.values(folded.pages).flatMap((page) =>
    page.state !== 'closed' || page.adopted || isOld(page)
      ? []
      : page.rings.flatMap((ring) =>
          !HAS_IT.includes(ring.status) || ended.has(nameOf(page, ring))
            ? []
            : [
                {
                  key: `end/${nameOf(page, ring)}`,
                  what: `page ${page.id} to ${page.label} is over, and nothing tells ${ring.target} to stop ringing. Close it there`,
                },
              ],
        ),
  );
}

const HAS_IT: readonly Ring['status'][] = ['accepted', 'confirmed'];

/** By what the page was answered, where something tells of it that nobody can be told there. */
function answerOf(timeline: readonly IncidentEvent[], page: Page): string | null {
  const isOnlyHeard = timeline.some(
    (event) => event.type === 'PageNoted' && event.page === page.id && event.action === 'rings on',
  );
  const answer = timeline.findLast(
    (event) => event.type === 'PageAcknowledged' && event.page === page.id,
  );
  return isOnlyHeard || answer?.type !== 'PageAcknowledged' ? null : answer.via;
}

/** It was answered, and rang at other pagers too: that was said there, or is on its way. */
function untold({ folded, orders, timeline, now }: Evidence): readonly Missing[] {
  const told = keysOf(orders, ['pager.acknowledge']);
  return Object.values(folded.pages).flatMap((page) => {
    const at = page.acknowledgedAt;
    if (page.state !== 'acknowledged' || page.adopted || at === null) return [];
    const via = now - at > ASKED_WITHIN_MS ? null : answerOf(timeline, page);
    if (via === null) return [];
    const known = page.rings.filter(
      (ring) => HAS_IT.includes(ring.status) && ring.target !== via && ring.at < at,
    );
    return known.flatMap((ring) =>
      told.has(nameOf(page, ring))
        ? []
        : [
            {
              key: `answer/${nameOf(page, ring)}`,
              what: `page ${page.id} to ${page.label} was answered by ${via} ${ago(at, now)} ago, and nothing tells ${ring.target}. Acknowledge it there`,
            },
          ],
    );
  });
}

/** Messages and all else that went out with an event, and left nothing in the state. */
function unwritten({ orders, timeline, now }: Evidence): readonly Missing[] {
  return lackingOf(timeline, orders, now).map(({ version, at, what }) => ({
    key: `order/${version}/${what}`,
    what: `event ${version}, ${ago(at, now)} ago, asked for an order that ${what}, and it is gone. See what it was about by \`tocsin timeline\`, and do it by hand`,
  }));
}

const CARRIES: Readonly<Partial<Record<DraftPost['state'], string>>> = {
  queued: 'is to be published',
  unknown: 'is to be looked for',
};

/** Public posts that are on their way by the events, and by nothing else. */
function unpublished({ folded, orders, now }: Evidence): readonly Missing[] {
  const carried = new Set(
    waitingIn(orders).flatMap(({ effect }) =>
      effect.name === 'statusPage.publish' || effect.name === 'statusPage.find'
        ? [effect.draft]
        : [],
    ),
  );
  return Object.values(folded.drafts).flatMap((draft) => {
    const what = CARRIES[draft.state];
    if (what === undefined || carried.has(draft.id)) return [];
    return [
      {
        key: `post/${draft.id}`,
        what: `post ${draft.id} (${draft.status}) ${what} at ${draft.target} since ${ago(draft.draftedAt, now)}, and no order is there that does it. Publish it by hand`,
      },
    ];
  });
}

/** What is owed and was not dealt with for so long: nothing has woken it, or it could not be. */
function undone({ owed, now }: Evidence): readonly Missing[] {
  return owed.flatMap(({ clock, what, dueAt }: Obligation & { readonly clock: ClockKey }) =>
    now - dueAt < OWED_LATE_MS
      ? []
      : [
          {
            key: `owed/${encodeClock(clock)}`,
            what: `due ${ago(dueAt, now)} ago and not done: ${what}. Do it by hand`,
          },
        ],
  );
}

function otherwise({ folded, kept }: Evidence): readonly Missing[] {
  return canonicalJson(folded) === canonicalJson(kept)
    ? []
    : [
        {
          key: 'state',
          what: 'the state that is kept is not the one that its events lead to. Go by `tocsin timeline`, and restart Tocsin',
        },
      ];
}

/** What is missing, the most urgent first. */
export function missingIn(evidence: Evidence): readonly Missing[] {
  const compared = [unsent, unheard, undone, unpublished, untold, unended, unwritten, otherwise];
  return compared.flatMap((compare) => compare(evidence));
}
