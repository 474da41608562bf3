/** Keeping people informed: the room, notices by chat, and the audiences' cadences. */
import { raiseAlarm } from '../paging/alarms.ts';
import { noticeText } from '../model/event-entry.ts';
import { encodeNotice, type NoticeKey } from '../model/keys.ts';
import { chat, chatPeople, homeOf, postTo, say } from '../texts/messages.ts';
import type { AudienceCadence, Level } from '../model/policy.ts';
import { render, viewOf, type TextName } from '../texts/text.ts';
import { silenceAlarm } from '../paging/sounding.ts';
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
    silenceAlarm(decision, { kind: 'notify', notice }, 'everybody was told');
}

function inform(decision: Decision, cadence: AudienceCadence, text: string): void {
  const { to, audience } = cadence;
  noteInformed(decision, cadence, text);
  const about = { kind: 'update', audience, person: null } as const;
  if (to.kind === 'room') say(decision, text, about);
  else if (to.kind === 'channel')
    postTo(decision, { target: to.target, channel: to.channel, text, about });
  else
    for (const { target, user, person } of chatPeople(decision, to.recipients))
      postTo(decision, { target, channel: user, text, about: { ...about, person } });
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
export function startAudiencesElsewhere(decision: Decision): void {
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
  silenceAlarm(decision, { kind: 'audience', audience }, 'it was reached');
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
