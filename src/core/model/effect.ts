/**
 * Effects: what the core wants done, as data named `part.method`. The same string names the adapter's method, the
 * outbox row, the log line and the metric.
 */
import type { Instant, Link } from './alert.ts';
import type { AlarmKey, NoticeKey, ResponseClock } from './keys.ts';
import type { DraftId, EffectId, PageId } from './made-ids.ts';
import type { ComponentStatus, PageAddress, Urgency } from './policy.ts';

/** What is sent side by side, the most urgent first: none of them waits for another. */
export const LANES = ['page', 'internal', 'public', 'housekeeping'] as const;

export type Lane = (typeof LANES)[number];

interface EffectBase {
  /** Derived, so deciding again can never duplicate a row. */
  readonly id: EffectId;
  readonly incident: string;
  /** One object at a vendor; rows of a stream are sent in order, one at a time. */
  readonly stream: string;
  readonly lane: Lane;
  readonly dueAt: Instant;
}

export interface PageEffect extends EffectBase {
  readonly name:
    | 'pager.trigger'
    | 'pager.acknowledge'
    | 'pager.resolve'
    | 'pager.find'
    /** What rings there rings for another incident as well. */
    | 'pager.note';
  readonly target: string;
  readonly page: PageId;
  readonly key: string;
  readonly address: PageAddress;
  readonly urgency: Urgency;
  /** What rings goes by its level, 0 the worst, and before all that ends a ring; of one rank what is due for longest. */
  readonly rank: number;
  readonly severity: string | null;
  readonly title: string;
  readonly body: string;
  readonly origin: string;
  readonly links: readonly Link[];
}

export interface PublishEffect extends EffectBase {
  readonly name: 'statusPage.publish' | 'statusPage.find';
  readonly target: string;
  readonly draft: DraftId;
  readonly token: string;
  readonly status: 'investigating' | 'identified' | 'monitoring' | 'resolved';
  readonly title: string;
  readonly body: string;
  readonly notify: boolean;
}

export interface ChatEffect extends EffectBase {
  readonly name:
    | 'chat.post'
    | 'chat.openRoom'
    | 'chat.setTopic'
    | 'chat.invite'
    | 'chat.pin'
    | 'chat.archiveRoom';
  readonly target: string;
  /** Channel, chat user, or `room` for the incident's own room; the room's reference is filled in when sending. */
  readonly channel: string;
  /** Text, topic, or wanted room name. */
  readonly text: string;
  /** For invite: chat users. */
  readonly users: readonly string[];
  /** For pin: what the vendor calls the message. */
  readonly message: string | null;
  readonly about: MessageAbout;
}

/** What a message is for. */
export type MessageAbout =
  | { readonly kind: 'room' }
  | { readonly kind: 'room_topic' }
  /** The first message of the room, which is pinned. */
  | { readonly kind: 'room_start' }
  | { readonly kind: 'room_pin' }
  | { readonly kind: 'room_invite' }
  | { readonly kind: 'room_archive' }
  | { readonly kind: 'room_failed' }
  /** A level that pages nobody leaves one. */
  | { readonly kind: 'note' }
  | { readonly kind: 'status' }
  /** A trigger may not raise by itself. */
  | { readonly kind: 'held'; readonly trigger: string }
  | { readonly kind: 'update'; readonly audience: string; readonly person: string | null }
  | { readonly kind: 'notice'; readonly notice: NoticeKey; readonly person: string }
  | { readonly kind: 'approval'; readonly draft: DraftId }
  | { readonly kind: 'alarm'; readonly alarm: AlarmKey }
  | { readonly kind: 'response'; readonly response: ResponseClock }
  | { readonly kind: 'public_stopped'; readonly target: string }
  /** A role is offered, accepted or not, or goes from one person to another. */
  | { readonly kind: 'role'; readonly role: string }
  /** Answers at the pager are not heard, or are again. */
  | { readonly kind: 'answers'; readonly target: string }
  | { readonly kind: 'postmortem' };

export type Effect = PageEffect | PublishEffect | ChatEffect;

/**
 * The incident, the stream and the target of a canary, which goes all the way of an alert and reaches nobody. No name in a
 * configuration is written so, and no incident bears it.
 */
export const CANARY = '(canary)';

export function isCanary(effect: Effect): effect is PageEffect {
  return effect.target === CANARY;
}

/** Of an adapter: which of its parts carries an effect out. */
export type EffectPart = 'pager' | 'statusPage' | 'chat';

const PARTS: Readonly<Record<Effect['name'], EffectPart>> = {
  'pager.trigger': 'pager',
  'pager.acknowledge': 'pager',
  'pager.resolve': 'pager',
  'pager.find': 'pager',
  'pager.note': 'pager',
  'statusPage.publish': 'statusPage',
  'statusPage.find': 'statusPage',
  'chat.post': 'chat',
  'chat.openRoom': 'chat',
  'chat.setTopic': 'chat',
  'chat.invite': 'chat',
  'chat.pin': 'chat',
  'chat.archiveRoom': 'chat',
};

/** The part of an adapter that carries the effect out. */
export function partOf({ name }: Pick<Effect, 'name'>): EffectPart {
  return PARTS[name];
}

/** How an attempt ended, as the core hears it. Mere retries stay between the outbox and the vendor. */
export type Settled =
  | {
      readonly result: 'delivered';
      readonly receipt: 'accepted' | 'confirmed';
      readonly externalRef: string | null;
      readonly url: string | null;
      /** An attempt before this one ended without an answer: it may have been carried out, or be so yet. */
      readonly mayHaveArrived?: boolean;
      /** Of a public post: what the page was told to show of its components. */
      readonly components?: Readonly<Record<string, ComponentStatus>>;
    }
  | {
      readonly result: 'rejected';
      /** The account, its host or what lies between is ill. False: the vendor says that nobody can be rung at this address. */
      readonly ofAccount: boolean;
      /** One of the words that refusals have. */
      readonly reason: string;
      readonly detail: string;
      readonly hint: string;
    }
  /** The request left and nobody knows; only for posts (pages are simply repeated under their key). */
  | { readonly result: 'ambiguous'; readonly detail: string }
  /** The target's mode is off or shadow: recorded, not sent. */
  | { readonly result: 'withheld'; readonly mode: 'off' | 'shadow' }
  /** Events have overtaken it; it was not sent, or not again. */
  | {
      readonly result: 'superseded';
      readonly why: string;
      /** An attempt of before ended without an answer: it may have been carried out all the same. */
      readonly mayHaveArrived?: boolean;
    }
  /** The answer of a read (`pager.find`, `statusPage.find`); `read` is null when the vendor gave no answer. */
  | {
      readonly result: 'read';
      readonly read: {
        readonly found: boolean;
        readonly externalRef: string | null;
        readonly status: 'triggered' | 'acknowledged' | 'resolved' | null;
        /** Person id if the actor is known to the policy, else the vendor's name. */
        readonly by: string | null;
        /** When the vendor says that the actor did it; missing: it does not. */
        readonly saidAt?: Instant | null;
        /** Why the vendor, which had taken it, has not made it. */
        readonly refused?: string;
      } | null;
      /** How often this order has looked by now; missing: so often that no more is to be learnt. */
      readonly looks?: number;
      readonly detail: string;
    };
