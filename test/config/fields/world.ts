/** What a case may look at: a story told with the policy of a configuration, and what happened in it. */
import type { Alert } from '../../../src/core/model/alert.ts';
import type { Effect } from '../../../src/core/model/effect.ts';
import type { Fact } from '../../../src/core/model/input.ts';
import type { Request } from '../../../src/core/verbs/table.ts';
import type { Policy } from '../../../src/core/model/policy.ts';
import { classify } from '../../../src/core/routing/route.ts';
import type { Loaded } from '../../../src/config/load.ts';
import { alerts, byPerson, declare, MINUTE, START, Story } from '../../support/story.ts';

export { MINUTE, START } from '../../support/story.ts';

export type Labels = Readonly<Record<string, string>>;

export const ALERT: Alert = {
  kind: 'alert',
  dedupKey: 'k1',
  status: 'firing',
  title: 'Errors',
  description: '',
  labels: { service: 'web' },
  vendorSeverity: 'critical',
  startsAt: null,
  observedAt: null,
  links: [],
};

export interface Arriving {
  readonly labels?: Labels;
  /** The sender's word; `critical`, which the base maps to the level `bad`. */
  readonly severity?: string;
}

/** What routing makes of an alert. */
export function routed(
  policy: Policy,
  { labels, severity }: Arriving = {},
): ReturnType<typeof classify> {
  const alert = {
    ...ALERT,
    labels: labels ?? ALERT.labels,
    vendorSeverity: severity ?? 'critical',
  };
  return classify(alert, 'am', policy);
}

function observedBy(policy: Policy, arriving: Arriving): Extract<Fact, { type: 'AlertsObserved' }> {
  const taken = routed(policy, arriving);
  if (taken.verdict === 'suppress') throw new Error(taken.because);
  const { routing } = taken;
  return {
    type: 'AlertsObserved',
    routing,
    alerts: alerts(),
    told: [],
    unheard: null,
    endedUnheard: null,
    news: null,
    services: routing.service === null ? [] : [routing.service],
    adopted: null,
    storm: null,
  };
}

/** An alert has opened an incident. */
export function opened({ policy }: Loaded, arriving: Arriving = {}): Story {
  const story = new Story(policy);
  story.feed(observedBy(policy, arriving));
  return story;
}

/** Another alert joins it. */
export function joined(story: Story, arriving: Arriving): Story {
  story.feed(observedBy(story.policy, arriving));
  return story;
}

/** Every alert has cleared. */
export function cleared(story: Story): Story {
  story.feed({
    ...observedBy(story.policy, {}),
    alerts: alerts({ firing: 0, newlyFiring: 0, newlyResolved: 1 }),
    services: [],
  });
  return story;
}

/** A person does something. */
export function does(story: Story, who: string, request: Request): Story {
  const done = story.feed(request, byPerson(who));
  if (!done.ok) throw new Error(done.message);
  return story;
}

export const ACKNOWLEDGE: Request = { type: 'Acknowledge', page: null };
export { declare as DECLARE };
export const RESOLVE: Request = { type: 'Resolve', text: null };
export const phase = (to: 'identified' | 'monitoring', text: string | null = null): Request => ({
  type: 'SetPhase',
  phase: to,
  text,
});
export const level = (to: string): Request => ({ type: 'ChangeSeverity', level: to, reason: 'so' });

/** It was opened at noon, and whoever was rung has acknowledged and declared it. */
export function declared(loaded: Loaded, arriving: Arriving = {}): Story {
  return takenOn(opened(loaded, arriving));
}

/** Whoever was rung acknowledges and declares it. */
export function takenOn(story: Story, who = 'ann'): Story {
  does(story, who, ACKNOWLEDGE);
  return story.incident.declaredAt === null ? does(story, who, declare) : story;
}

/** The same, and that many minutes later. */
export function after(minutes: number, story: Story): Story {
  return story.advance(minutes * MINUTE);
}

/** No message arrives. */
export function deaf(story: Story): Story {
  const { answer } = story;
  story.answer = (effect) => (effect.name.startsWith('chat.') ? null : answer(effect));
  return story;
}

function minuteOf(at: number): number {
  return (at - START) / MINUTE;
}

function isMessage(effect: Effect, about: string): effect is Extract<Effect, { channel: string }> {
  return 'about' in effect && effect.about.kind === about;
}

/** Messages of a kind: `20 #core`. */
export function told(story: Story, about: string): readonly string[] {
  return story.sent.flatMap(({ at, effect }) =>
    isMessage(effect, about) ? [`${minuteOf(at)} ${effect.channel}`] : [],
  );
}

/** What such a message says. */
export function words(story: Story, about: string): string | null {
  return story.messages().find((one) => isMessage(one, about))?.text ?? null;
}

/** `0 cay at pd` */
export function rings(story: Story): readonly string[] {
  return story.rings();
}

export function alarms(story: Story): readonly string[] {
  return Object.keys(story.incident.alarms);
}

/** Every draft: `investigating queued`. */
export function drafts(story: Story): readonly string[] {
  return Object.values(story.incident.drafts).map(({ status, state }) => `${status} ${state}`);
}
