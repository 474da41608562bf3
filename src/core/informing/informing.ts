/** Keeping people informed: the room, notices by chat, and the audiences' cadences. */
import { raiseAlarm } from '../paging/alarms.ts';
import { noticeText } from '../model/event-entry.ts';
import { encodeNotice, type NoticeKey } from '../model/keys.ts';
import { chat, chatPeople, homeOf, postTo, say } from '../texts/messages.ts';
import type { AudienceCadence, Level } from '../model/policy.ts';
import { render, viewOf, type TextName } from '../texts/text.ts';
import { silenceAlarm } from '../paging/sounding.ts';
import { emit, levelOf, type Turn } from '../model/turn.ts';

/** The view of the incident with one text rendered. */
export function textOf(turn: Turn, name: TextName, text = ''): string {
  return render(
    name,
    turn.policy,
    viewOf(turn.state, turn.policy, { now: turn.now, extra: { text } }),
  );
}

/** Opens the incident's room, if the level wants one and there is none. */
export function openRoom(turn: Turn): void {
  const { room } = turn.policy;
  if (
    turn.state.room !== null ||
    room === null ||
    levelOf(turn)?.room !== true ||
    turn.policy.targets[room.target]?.mode === 'off'
  )
    return;
  const view = viewOf(turn.state, turn.policy, { now: turn.now });
  const own = { ...turn.policy, texts: { ...turn.policy.texts, 'room.name': room.name } };
  const name = render('room.name', own, view);
  emit(turn, { type: 'RoomRequested', target: room.target, name });
  chat(turn, 'chat.openRoom', {
    target: room.target,
    channel: name,
    text: name,
    about: { kind: 'room' },
  });
}

/** The room exists: topic, responders, and a first message that is pinned. */
export function furnishRoom(turn: Turn): void {
  const { room } = turn.state;
  if (room?.state !== 'open') return;
  chat(turn, 'chat.setTopic', {
    target: room.target,
    channel: 'room',
    text: textOf(turn, 'room.topic'),
    about: { kind: 'room_topic' },
  });
  const people = new Set([
    ...Object.values(turn.state.roles).map((held) => held.person),
    ...Object.values(turn.state.pages).flatMap((page) =>
      page.person === null ? [] : [page.person],
    ),
  ]);
  invite(turn, [...people]);
  postTo(turn, {
    target: room.target,
    channel: 'room',
    text: textOf(turn, 'update.declared'),
    about: { kind: 'room_start' },
  });
}

/** The room's first message is there. */
export function pinStart(turn: Turn, message: string): void {
  const { room } = turn.state;
  if (room?.state !== 'open') return;
  emit(turn, {
    type: 'RoomChanged',
    state: 'open',
    ref: null,
    detail: 'its first message is pinned',
  });
  chat(turn, 'chat.pin', {
    target: room.target,
    channel: 'room',
    text: '',
    about: { kind: 'room_pin' },
    message,
  });
}

/** Invites people into the room, as far as they have a chat user there. */
export function invite(turn: Turn, people: readonly string[]): void {
  const { room } = turn.state;
  if (room?.state !== 'open') return;
  const users = people.flatMap((person) => turn.policy.people[person]?.chat[room.target] ?? []);
  if (users.length > 0)
    chat(turn, 'chat.invite', {
      target: room.target,
      channel: 'room',
      text: '',
      users,
      about: { kind: 'room_invite' },
    });
}

export function archiveRoom(turn: Turn): void {
  const { room } = turn.state;
  if (room?.state === 'open')
    chat(turn, 'chat.archiveRoom', {
      target: room.target,
      channel: 'room',
      text: '',
      about: { kind: 'room_archive' },
    });
}

/** Notices that the level owes to people: sent at once, alarmed when not delivered in time. */
export function notifyPeople(turn: Turn, level: Level): void {
  for (const [index, { who, withinMs }] of level.notify.entries()) {
    const notice: NoticeKey = { level: level.id, number: index + 1 };
    const people = chatPeople(turn, who);
    const names = people.map((one) => one.person);
    emit(turn, { type: 'PeopleNotified', notice, people: names, withinMs });
    const text = textOf(turn, 'notify.declared');
    for (const { target, user, person } of people)
      postTo(turn, { target, channel: user, text, about: { kind: 'notice', notice, person } });
  }
}

/** The time of a notice is over: whoever it did not reach is named. */
export function noticeDue(turn: Turn, notice: NoticeKey): void {
  const sent = turn.state.notices[encodeNotice(notice)];
  if (sent === undefined) return;
  const missing = sent.people.filter((person) => !sent.told.includes(person));
  const whom =
    missing.length === 0 ? ': nobody it names has a chat user' : ` to ${missing.join(', ')}`;
  raiseAlarm(
    turn,
    { kind: 'notify', notice },
    `${noticeText(notice)} is not delivered in time${whom}`,
  );
}

/** A notice arrived. */
export function noticeDelivered(turn: Turn, notice: NoticeKey, person: string): void {
  emit(turn, { type: 'NoticeDelivered', notice, person });
  const sent = turn.state.notices[encodeNotice(notice)];
  if (sent?.people.every((one) => sent.told.includes(one)) === true)
    silenceAlarm(turn, { kind: 'notify', notice }, 'everybody was told');
}

function inform(turn: Turn, cadence: AudienceCadence, text: string): void {
  const { to, audience } = cadence;
  noteInformed(turn, cadence, text);
  const about = { kind: 'update', audience, person: null } as const;
  if (to.kind === 'room') say(turn, text, about);
  else if (to.kind === 'channel')
    postTo(turn, { target: to.target, channel: to.channel, text, about });
  else
    for (const { target, user, person } of chatPeople(turn, to.sources))
      postTo(turn, { target, channel: user, text, about: { ...about, person } });
}

function noteInformed(turn: Turn, cadence: AudienceCadence, text: string): void {
  const { audience, firstWithinMs, everyMs, slower, topOfHour } = cadence;
  emit(turn, {
    type: 'AudienceInformed',
    audience,
    cadence: { firstWithinMs, everyMs, slower, topOfHour },
    text,
  });
}

/** Starts the cadence of audiences that have none yet; the first update goes out at once, well within its time. */
export function startAudiences(turn: Turn): void {
  for (const cadence of levelOf(turn)?.audiences ?? []) {
    if (turn.state.audiences[cadence.audience] !== undefined) continue;
    // The room's pinned first message is the first update of those who read there.
    const isToldByRoom = cadence.to.kind === 'room' && turn.state.room?.state === 'opening';
    if (cadence.topOfHour || isToldByRoom) noteInformed(turn, cadence, '');
    else inform(turn, cadence, textOf(turn, 'update.declared'));
  }
}

/** A room that could not be opened told nobody: those who read there hear it where the room's messages go instead. */
export function startAudiencesElsewhere(turn: Turn): void {
  for (const cadence of levelOf(turn)?.audiences ?? [])
    if (cadence.to.kind === 'room' && !cadence.topOfHour && awaits(turn, cadence.audience))
      inform(turn, cadence, textOf(turn, 'update.declared'));
}

/** Whether the audience has a cadence and nothing has reached it yet. */
function awaits(turn: Turn, audience: string): boolean {
  return turn.state.audiences[audience]?.reached === false;
}

/** A message for the audience arrived, or would have if its target were live. */
export function audienceReached(turn: Turn, audience: string): void {
  if (!awaits(turn, audience)) return;
  emit(turn, { type: 'AudienceReached', audience });
  silenceAlarm(turn, { kind: 'audience', audience }, 'it was reached');
}

/** The room's first message is there, and with it the first update of everybody who reads in the room. */
export function roomReached(turn: Turn): void {
  for (const { audience, to, topOfHour } of levelOf(turn)?.audiences ?? [])
    if (to.kind === 'room' && !topOfHour) audienceReached(turn, audience);
}

/** The time of the first update is over, and nothing has reached the audience. */
export function firstUpdateDue(turn: Turn, audience: string): void {
  raiseAlarm(
    turn,
    { kind: 'audience', audience },
    `no update has reached ${audience} within the time of its first one`,
  );
}

/** The next update of an audience is due. */
export function audienceDue(turn: Turn, audience: string): void {
  const cadence = levelOf(turn)?.audiences.find((one) => one.audience === audience);
  if (cadence === undefined) {
    // The level it is at now owes this audience nothing more; the update it was promised still comes.
    const text = textOf(turn, 'update.status', 'This audience hears of further changes only.');
    emit(turn, { type: 'AudienceInformed', audience, cadence: null, text });
    say(turn, text, { kind: 'update', audience, person: null });
    return;
  }
  inform(turn, cadence, textOf(turn, cadence.topOfHour ? 'update.briefing' : 'update.status'));
}

/** Something changed that every audience should hear now; the cadence starts anew from here. */
export function informAll(turn: Turn, text: string): void {
  const audiences = levelOf(turn)?.audiences ?? [];
  const spoken = audiences.filter((one) => !one.topOfHour);
  for (const cadence of spoken) inform(turn, cadence, textOf(turn, 'update.status', text));
  if (spoken.length === 0 && homeOf(turn) !== null)
    say(turn, textOf(turn, 'update.status', text), { kind: 'status' });
}
