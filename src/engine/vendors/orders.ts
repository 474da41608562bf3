/** From an effect to the order that its adapter gets, and to the method that takes it. */
import type { AnyAdapter, Io } from '../../contract/adapter.ts';
import type { PageFound, PageOrder, PostFound } from '../../contract/order.ts';
import type { Outcome, ReadResult, Rejection } from '../../contract/outcome.ts';
import type { Secret } from '../../contract/secret.ts';
import type { ChatEffect, Effect, PageEffect, PublishEffect } from '../../core/model/effect.ts';
import type { Continued } from '../../core/deciding/send.ts';

export interface OrderContext extends Continued {
  /** Epoch ms after which the attempt must not start. */
  readonly deadline: number;
  readonly secrets: Readonly<Record<string, Secret>>;
  /** Where the incident can be read; null: nowhere. */
  readonly publicUrl: string | null;
}

/** The address with a `Secret` in the place of each `secret:...` reference, as the adapter's own schema wants it. */
export function revealed(value: unknown, secrets: Readonly<Record<string, Secret>>): unknown {
  if (typeof value === 'string') return Object.hasOwn(secrets, value) ? secrets[value] : value;
  if (Array.isArray(value)) return value.map((one: unknown) => revealed(one, secrets));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([key, one]) => [key, revealed(one, secrets)]);
  return Object.fromEntries(members) as Record<string, unknown>;
}

function pageOrder(effect: PageEffect, context: OrderContext): PageOrder {
  const { id, incident, key, urgency, origin } = effect;
  const { severity, title, body } = context.words ?? effect;
  const own =
    context.publicUrl === null
      ? []
      : [
          {
            url: `${context.publicUrl.replace(/\/$/, '')}/incidents/${incident}`,
            text: `Incident ${incident}`,
          },
        ];
  return {
    idempotencyKey: id,
    deadline: context.deadline,
    key,
    address: revealed(effect.address.address, context.secrets),
    urgency,
    severity,
    title,
    body,
    origin,
    links: [...own, ...effect.links],
    externalRef: context.ref,
  };
}

function unsupported(effect: Pick<Effect, 'name'>, target: string): Rejection {
  return {
    verb: 'reject',
    reason: 'unsupported',
    detail: `${target} has no ${effect.name}`,
    hint: `Choose a target for it whose type can do ${effect.name}.`,
  };
}

function missing(what: string): Rejection {
  return {
    verb: 'reject',
    reason: 'invalid_request',
    detail: `there is no ${what} yet`,
    hint: `The ${what} could not be made; see the earlier attempts of this incident.`,
  };
}

export type VendorAnswer =
  | Outcome
  | { readonly verb: 'read'; readonly result: ReadResult<PageFound | PostFound> };

async function page(
  effect: PageEffect,
  at: { readonly adapter: AnyAdapter; readonly io: Io<unknown> },
  context: OrderContext,
): Promise<VendorAnswer> {
  const { pager } = at.adapter;
  const order = Object.freeze(pageOrder(effect, context));
  switch (effect.name) {
    case 'pager.trigger':
      return pager?.trigger(order, at.io) ?? unsupported(effect, effect.target);
    case 'pager.acknowledge':
      return pager?.acknowledge(order, at.io) ?? unsupported(effect, effect.target);
    case 'pager.resolve':
      return pager?.resolve(order, at.io) ?? unsupported(effect, effect.target);
    case 'pager.note':
      return pager?.note?.(order, at.io) ?? unsupported(effect, effect.target);
    case 'pager.find': {
      const result = await pager?.find?.(order, at.io);
      return result === undefined ? unsupported(effect, effect.target) : { verb: 'read', result };
    }
  }
}

async function publish(
  effect: PublishEffect,
  at: { readonly adapter: AnyAdapter; readonly io: Io<unknown> },
  context: OrderContext,
): Promise<VendorAnswer> {
  const { statusPage } = at.adapter;
  if (statusPage === undefined) return unsupported(effect, effect.target);
  const { id, token, title, status, body, notify } = effect;
  const order = Object.freeze({
    idempotencyKey: id,
    deadline: context.deadline,
    externalRef: context.ref,
    token,
    title,
    status,
    body,
    components: context.components,
    notify,
  });
  if (effect.name === 'statusPage.publish') return statusPage.publish(order, at.io);
  return { verb: 'read', result: await statusPage.find(order, at.io) };
}

async function chat(
  effect: ChatEffect,
  at: { readonly adapter: AnyAdapter; readonly io: Io<unknown> },
  context: OrderContext,
): Promise<VendorAnswer> {
  const part = at.adapter.chat;
  if (part === undefined) return unsupported(effect, effect.target);
  const base = { idempotencyKey: effect.id, deadline: context.deadline };
  const { text, users } = effect;
  if (effect.name === 'chat.openRoom')
    return (
      part.openRoom?.(Object.freeze({ ...base, name: text }), at.io) ??
      unsupported(effect, effect.target)
    );
  const room = context.channel ?? (effect.channel === 'room' ? null : effect.channel);
  if (room === null) return missing('room');
  switch (effect.name) {
    case 'chat.post':
      return part.post(Object.freeze({ ...base, channel: room, text, thread: context.ref }), at.io);
    case 'chat.setTopic':
      return (
        part.setTopic?.(Object.freeze({ ...base, room, topic: text }), at.io) ??
        unsupported(effect, effect.target)
      );
    case 'chat.invite':
      return (
        part.invite?.(Object.freeze({ ...base, room, users }), at.io) ??
        unsupported(effect, effect.target)
      );
    case 'chat.pin':
      if (context.ref === null) return missing('message');
      return (
        part.pin?.(Object.freeze({ ...base, room, message: context.ref }), at.io) ??
        unsupported(effect, effect.target)
      );
    case 'chat.archiveRoom':
      return (
        part.archiveRoom?.(Object.freeze({ ...base, room }), at.io) ??
        unsupported(effect, effect.target)
      );
  }
}

/** Calls the adapter's method of the effect's name, once. Throws what the adapter throws. */
export function carryOut(
  effect: Effect,
  at: { readonly adapter: AnyAdapter; readonly io: Io<unknown> },
  context: OrderContext,
): Promise<VendorAnswer> {
  switch (effect.name) {
    case 'pager.trigger':
    case 'pager.acknowledge':
    case 'pager.resolve':
    case 'pager.find':
    case 'pager.note':
      return page(effect, at, context);
    case 'statusPage.publish':
    case 'statusPage.find':
      return publish(effect, at, context);
    default:
      return chat(effect, at, context);
  }
}
