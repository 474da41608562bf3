/** What a phone says: for what it rings, by whom it is offered, and what an answer gives. */
import type { Look } from '../model/decision.ts';
import type { PageEffect } from '../model/effect.ts';
import { isOwed, type Escalation, type Page, type Ring } from '../model/incident.ts';
import { render, viewOf } from '../texts/text.ts';
import { alarmTitle, callText } from './concerns.ts';
import { apartText, givenBy } from './giving.ts';
import { noteText } from './joining.ts';
import { offerText, offerTitle } from './offers.ts';

export interface NextRing {
  readonly page: Page;
  readonly ring: Ring;
}

/** What the escalation is for, in words a person reads on a phone. */
function purposeText(look: Look<'state' | 'policy'>, escalation: Escalation | undefined): string {
  if (escalation === undefined) return '';
  const { key, about } = escalation;
  const why = about === null ? '' : ` ${about}.`;
  switch (key.kind) {
    case 'service':
      return `${key.service === null ? 'You are on call' : `You are on call for ${key.service}`}.${why}`;
    case 'role':
      return `You are needed as ${key.role.replaceAll('_', ' ')}.${why}`;
    case 'alarm':
      // Said once for all of them, and after what the phone is needed for.
      return '';
    case 'next':
      return `Alarm: ${escalation.about ?? ''}.`;
    case 'offer':
      return offerText(look.state.id, key);
    case 'presence':
      return `Is anybody still on this: ${escalation.about ?? ''}. If that is you, acknowledge to say that you are here; anybody else takes over by it, unless another role keeps them from it.`;
    case 'test':
      return 'This is a test of the path to your phone; acknowledge it, nothing else.';
  }
}

/** The searches for which it rings: those that are over are named only where nobody is looked for any more. */
function searchesOf({ state }: Look<'state'>, page: Page): readonly (Escalation | undefined)[] {
  const all = page.escalations.map((id) => state.escalations[id]);
  const owed = all.filter(isOwed);
  return owed.length === 0 ? all : owed;
}

function reasonText(look: Look<'state' | 'policy'>, page: Page): string {
  const wanted = searchesOf(look, page).map((one) => purposeText(look, one));
  return [...wanted, callText(look, page)].filter(Boolean).join(' ');
}

/** The words of an order: what the page serves now, or that it rings with another one. */
export function wordsOf(
  { state, policy, now }: Look<'state' | 'policy' | 'now'>,
  { page, ring }: NextRing,
  name: PageEffect['name'],
): Pick<PageEffect, 'title' | 'body'> {
  const reason = reasonText({ state, policy }, page);
  const view = viewOf(state, policy, { now, extra: { reason } });
  const isTest = state.kind === 'test';
  return {
    title: isTest
      ? `TEST for ${page.label}`
      : `${alarmTitle({ state, policy }, page)}${offerTitle({ state }, page)}${render('page.title', policy, view)}`,
    body:
      name === 'pager.note'
        ? noteText(state, ring, { reason, apart: apartText(givenBy({ state, policy }, page)) })
        : render('page.body', policy, view),
  };
}

export type PageWords = Pick<PageEffect, 'severity' | 'title' | 'body'>;

/** What a phone says that begins to ring now: since its page was asked for the level may have changed, and for what it rings. */
export function wordsNow(look: Look<'state' | 'policy' | 'now'>, next: NextRing): PageWords {
  return { severity: look.state.level, ...wordsOf(look, next, 'pager.trigger') };
}
