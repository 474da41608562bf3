/** Keeping people informed: the room, notices by chat, and the audiences' cadences. */
import { keyText } from '../model/key-text.ts';
import { clearAlarm, raiseAlarm } from '../paging/alarms.ts';
import { noticeText } from '../model/event-entry.ts';
import { isOver } from '../model/incident.ts';
import type { MessageAbout } from '../model/effect.ts';
import { encodeNotice, type NoticeKey } from '../model/keys.ts';
import { chat, chatPeople, homeOf, postTo, say } from '../texts/messages.ts';
import type { AudienceCadence, Level } from '../model/policy.ts';
import { render, viewOf, type TextName } from '../texts/text.ts';
import { emit, levelOf, type Decision } from '../model/decision.ts';

/** The view of the incident with one text rendered. */
export function textOf(decision: Decision, name: TextName, text = ''): string {
  return render(
    name,
    decision.policy,
    viewOf(decision.state, decision.policy, { now: decision.now, extra: { text } }),
  );
}

/** Opens the incident's room, if the level wants one and there is none. */
export function openRoom(decision: Decision): void {
  const { room } = decision.policy;
  if (
    decision.state.room !== null ||
    room === null ||
    levelOf(decision)?.room !== true ||
    decision.policy.targets[room.target]?.mode === 'off'
  )
    return;
  const view = viewOf(decision.state, decision.policy, { now: decision.now });
  const own = { ...decision.policy, texts: { ...decision.policy.texts, 'room.name': room.name } };
  const name = render('room.name', own, view);
  emit(decision, { type: 'RoomRequested', target: room.target, name });
  chat(decision, 'chat.openRoom', {
    target: room.target,
    channel: name,
    text: name,
    about: { kind: 'room' },
  });
}

/** Nothing is heard of the room: people are told where they are told without one, as long as it does not open. */
export function roomMissing(decision: Decision): void {
  const text = 'nothing was heard of the room. What is to be said there is said here.';
  roomFailed(decision, { detail: 'nothing was heard of it', text });
}

/**
 * The room was being opened and is not there: what waits for it is said elsewhere. After the end nobody need hear why, and
 * whoever heard that nothing was heard of it hears no second word.
 * @param text what people hear of it; null: nothing
 */
export function roomFailed(
  decision: Decision,
  { detail, text }: { readonly detail: string; readonly text: string | null },
): void {
  if (decision.state.room?.state !== 'opening') return;
  emit(decision, { type: 'RoomChanged', state: 'failed', ref: null, detail });
  if (isOver(decision.state)) return;
  if (text !== null) say(decision, `${decision.state.id}: ${text}`, { kind: 'room_failed' });
  startAudiencesElsewhere(decision);
}

/** The room exists: topic, responders, and a first message that is pinned. */
export function setUpRoom(decision: Decision): void {
  const { room } = decision.state;
  if (room?.state !== 'open') return;
  chat(decision, 'chat.setTopic', {
    target: room.target,
    channel: 'room',
    text: textOf(decision, 'room.topic'),
    about: { kind: 'room_topic' },
  });
  const people = new Set([
    ...Object.values(decision.state.roles).map((held) => held.person),
    ...Object.values(decision.state.pages).flatMap((page) =>
      page.person === null ? [] : [page.person],
    ),
  ]);
  invite(decision, [...people]);
  postTo(decision, {
    target: room.target,
    channel: 'room',
    text: textOf(decision, 'update.declared'),
    about: { kind: 'room_start' },
  });
}

/** The room's first message is there. */
export function pinStart(decision: Decision, message: string): void {
  const { room } = decision.state;
  if (room?.state !== 'open') return;
  emit(decision, {
    type: 'RoomChanged',
    state: 'open',
    ref: null,
    detail: 'its first message is pinned',
  });
  chat(decision, 'chat.pin', {
    target: room.target,
    channel: 'room',
    text: '',
    about: { kind: 'room_pin' },
    message,
  });
}

/** Invites people into the room, as far as they have a chat user there. */
export function invite(decision: Decision, people: readonly string[]): void {
  const { room } = decision.state;
  if (room?.state !== 'open') return;
  const users = people.flatMap((person) => decision.policy.people[person]?.chat[room.target] ?? []);
  if (users.length > 0)
    chat(decision, 'chat.invite', {
      target: room.target,
      channel: 'room',
      text: '',
      users,
      about: { kind: 'room_invite' },
    });
}

export function archiveRoom(decision: Decision): void {
  const { room } = decision.state;
  if (room?.state === 'open')
    chat(decision, 'chat.archiveRoom', {
      target: room.target,
      channel: 'room',
      text: '',
      about: { kind: 'room_archive' },
    });
}

/** Notices that the level owes to people: sent at once, alarmed when not delivered in time. */
export function notifyPeople(decision: Decision, level: Level): void {
  for (const [index, { who, withinMs }] of level.notify.entries()) {
    const notice: NoticeKey = { level: level.id, number: index + 1 };
    const people = chatPeople(decision, who);
    const names = people.map((one) => one.person);
    emit(decision, { type: 'PeopleNotified', notice, people: names, withinMs });
    const text = textOf(decision, 'notify.declared');
    for (const { target, user, person } of people)
      postTo(decision, { target, channel: user, text, about: { kind: 'notice', notice, person } });
  }
}

/** The time of a notice is over: whoever it did not reach is named. */
export function noticeDue(decision: Decision, notice: NoticeKey): void {
  const sent = decision.state.notices[encodeNotice(notice)];
  if (sent === undefined) return;
  const missing = sent.people.filter((person) => !sent.told.includes(person));
  const whom =
    missing.length === 0 ? ': nobody it names has a chat user' : ` to ${missing.join(', ')}`;
  raiseAlarm(
    decision,
    { kind: 'notify', notice },
    `${noticeText(notice)} is not delivered in time${whom}`,
  );
}

/** A notice arrived. */
export function noticeDelivered(decision: Decision, notice: NoticeKey, person: string): void {
  emit(decision, { type: 'NoticeDelivered', notice, person });
  const sent = decision.state.notices[encodeNotice(notice)];
  if (sent?.people.every((one) => sent.told.includes(one)) === true)
    clearAlarm(decision, { kind: 'notify', notice }, 'everybody was told');
}

function inform(decision: Decision, cadence: AudienceCadence, text: string): void {
  const { audience } = cadence;
  noteInformed(decision, cadence, text);
  for (const { target, channel, person } of channelsOf(decision, cadence))
    postTo(decision, { target, channel, text, about: { kind: 'update', audience, person } });
}

/** A channel that people read. */
interface ReadChannel {
  readonly target: string;
  readonly channel: string;
  /** Whose chat it is; null: it is read by many. */
  readonly person: string | null;
}

/** What the audience reads. */
function channelsOf(decision: Decision, { to }: AudienceCadence): readonly ReadChannel[] {
  if (to.kind === 'room') {
    const home = homeOf(decision);
    return home === null ? [] : [{ ...home, person: null }];
  }
  if (to.kind === 'channel') return [{ target: to.target, channel: to.channel, person: null }];
  return chatPeople(decision, to.recipients).map(asChannel);
}

function asChannel({ target, user, person }: ReturnType<typeof chatPeople>[number]): ReadChannel {
  return { target, channel: user, person };
}

function noteInformed(decision: Decision, cadence: AudienceCadence, text: string): void {
  const { audience, firstWithinMs, everyMs, slower, topOfHour } = cadence;
  emit(decision, {
    type: 'AudienceInformed',
    audience,
    cadence: { firstWithinMs, everyMs, slower, topOfHour },
    text,
  });
}

/** Starts the cadence of audiences that have none yet; the first update goes out at once, well within its time. */
export function startAudiences(decision: Decision): void {
  for (const cadence of levelOf(decision)?.audiences ?? []) {
    if (decision.state.audiences[cadence.audience] !== undefined) continue;
    // The room's pinned first message is the first update of those who read there.
    const isToldByRoom = cadence.to.kind === 'room' && decision.state.room?.state === 'opening';
    if (cadence.topOfHour || isToldByRoom) noteInformed(decision, cadence, '');
    else inform(decision, cadence, textOf(decision, 'update.declared'));
  }
}

/** A room that could not be opened told nobody: those who read there hear it where the room's messages go instead. */
function startAudiencesElsewhere(decision: Decision): void {
  for (const cadence of levelOf(decision)?.audiences ?? [])
    if (cadence.to.kind === 'room' && !cadence.topOfHour && awaits(decision, cadence.audience))
      inform(decision, cadence, textOf(decision, 'update.declared'));
}

/** Whether the audience has a cadence and nothing has reached it yet. */
function awaits(decision: Decision, audience: string): boolean {
  return decision.state.audiences[audience]?.reached === false;
}

/** A message for the audience arrived, or would have if its target were live. */
export function audienceReached(decision: Decision, audience: string): void {
  if (!awaits(decision, audience)) return;
  emit(decision, { type: 'AudienceReached', audience });
  clearAlarm(decision, { kind: 'audience', audience }, 'it was reached');
}

/** The room's first message is there, and with it the first update of everybody who reads in the room. */
export function roomReached(decision: Decision): void {
  for (const { audience, to, topOfHour } of levelOf(decision)?.audiences ?? [])
    if (to.kind === 'room' && !topOfHour) audienceReached(decision, audience);
}

/** The time of the first update is over, and nothing has reached the audience. */
export function firstUpdateDue(decision: Decision, audience: string): void {
  raiseAlarm(
    decision,
    { kind: 'audience', audience },
    `no update has reached ${audience} within the time of its first one`,
  );
}

/** The next update of an audience is due. */
export function audienceDue(decision: Decision, audience: string): void {
  const cadence = levelOf(decision)?.audiences.find((one) => one.audience === audience);
  if (cadence === undefined) {
    // The level it is at now owes this audience nothing more; the update it was promised still comes.
    const text = textOf(decision, 'update.status', 'This audience hears of further changes only.');
    emit(decision, { type: 'AudienceInformed', audience, cadence: null, text });
    say(decision, text, { kind: 'update', audience, person: null });
    return;
  }
  inform(
    decision,
    cadence,
    textOf(decision, cadence.topOfHour ? 'update.briefing' : 'update.status'),
  );
}

/** Something changed that every audience should hear now; the cadence starts anew from here. */
export function informAll(decision: Decision, text: string): void {
  const audiences = levelOf(decision)?.audiences ?? [];
  const spoken = audiences.filter((one) => !one.topOfHour);
  for (const cadence of spoken) inform(decision, cadence, textOf(decision, 'update.status', text));
  if (spoken.length === 0 && homeOf(decision) !== null)
    say(decision, textOf(decision, 'update.status', text), { kind: 'status' });
}

/** A channel in which the incident was spoken of, and what a message there is for. */
interface ToldChannel extends ReadChannel {
  readonly about: MessageAbout;
}

/**
 * Where people were told of the incident, each channel once: the audiences, also those of a level it was at before, whoever
 * got a notice, and the responders. Asked before the end, which forgets them.
 */
export function toldSoFar(decision: Decision): readonly ToldChannel[] {
  const status = { kind: 'status' } as const;
  const audiences = audiencesTold(decision).flatMap((cadence) =>
    channelsOf(decision, cadence).map((channel) => {
      const { audience } = cadence;
      return { ...channel, about: { kind: 'update', audience, person: channel.person } as const };
    }),
  );
  const notified = Object.values(decision.state.notices).flatMap(({ told }) => told);
  const people = notified.map((person) => ({ kind: 'person', person }) as const);
  const noticed = chatPeople(decision, people).map((one) => ({ ...asChannel(one), about: status }));
  const home = homeOf(decision);
  const all = [
    ...audiences,
    ...noticed,
    ...(home === null ? [] : [{ ...home, person: null, about: status }]),
  ];
  return [
    ...new Map(
      all.map((one) => [keyText('channel', one.target, one.channel), one] as const),
    ).values(),
  ];
}

/** The incident is over: whoever was told of it hears that. */
export function informOfEnd(decision: Decision, told: readonly ToldChannel[], words: string): void {
  const text = textOf(decision, 'update.status', words);
  for (const { target, channel, about } of told) postTo(decision, { target, channel, text, about });
}

/** The audiences that have heard of the incident, each as its level has it, or else the first level that knows it. */
function audiencesTold(decision: Decision): readonly AudienceCadence[] {
  const levels = [levelOf(decision), ...decision.policy.levels];
  const known = levels.flatMap((level) => level?.audiences ?? []);
  return Object.values(decision.state.audiences).flatMap(({ audience, reached }) => {
    const cadence = known.find((one) => one.audience === audience);
    // Whoever is told on the hour has heard nothing before the first hour.
    return cadence === undefined || (cadence.topOfHour && !reached) ? [] : [cadence];
  });
}
