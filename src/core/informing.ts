/** Keeping people informed: the room, notices by chat, and the audiences' cadences. */
import { Temporal } from 'temporal-polyfill';
import { raiseAlarm } from './alarms.ts';
import type { Instant } from './alert.ts';
import { chat, chatPeople, homeOf, postTo, say } from './messages.ts';
import type { AudienceCadence, Level } from './policy.ts';
import { BUILT_IN_TEXTS, render, viewOf, type TextName } from './text.ts';
import { emit, isOver, levelOf, setTimer, type Turn } from './turn.ts';

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
  const own = {
    ...turn.policy,
    texts: { ...turn.policy.texts, 'room.name': room.name || BUILT_IN_TEXTS['room.name'] },
  };
  const name = render('room.name', own, view);
  emit(turn, { type: 'RoomRequested', target: room.target, name });
  chat(turn, 'chat.openRoom', { target: room.target, channel: name, text: name, about: 'room' });
}

/** The room exists: topic, responders, and a first message that is pinned. */
export function furnishRoom(turn: Turn): void {
  const { room } = turn.state;
  if (room?.state !== 'open') return;
  chat(turn, 'chat.setTopic', {
    target: room.target,
    channel: 'room',
    text: textOf(turn, 'room.topic'),
    about: 'room.topic',
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
    about: 'room.anchor',
  });
}

export function pinAnchor(turn: Turn, message: string): void {
  const { room } = turn.state;
  if (room?.state === 'open')
    chat(turn, 'chat.pin', {
      target: room.target,
      channel: 'room',
      text: '',
      about: 'room.pin',
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
      about: 'room.invite',
    });
}

export function archiveRoom(turn: Turn): void {
  const { room } = turn.state;
  if (room?.state === 'open')
    chat(turn, 'chat.archiveRoom', {
      target: room.target,
      channel: 'room',
      text: '',
      about: 'room.archive',
    });
}

function noticeOf(level: Level, index: number): string {
  return `notify:${level.id}:${index + 1}`;
}

/** Notices that the level owes to people: sent at once, alarmed when not delivered in time. */
export function notifyPeople(turn: Turn, level: Level): void {
  for (const [index, notice] of level.notify.entries()) {
    const about = noticeOf(level, index);
    const people = chatPeople(turn, notice.who);
    emit(turn, { type: 'PeopleNotified', about, people: people.map((one) => one.person) });
    const text = textOf(turn, 'notify.declared');
    for (const one of people)
      postTo(turn, {
        target: one.target,
        channel: one.user,
        text,
        about: `${about}:${one.person}`,
      });
    setTimer(turn, about, turn.now + notice.withinMs);
  }
}

/** The time of a notice is over: whoever it did not reach is named. */
export function noticeDue(turn: Turn, about: string): void {
  const notice = turn.policy.levels
    .flatMap((level) => level.notify.map((one, index) => ({ one, about: noticeOf(level, index) })))
    .find((candidate) => candidate.about === about);
  if (notice === undefined) return;
  const people = chatPeople(turn, notice.one.who).map((one) => one.person);
  const missing = people.filter((one) => turn.state.messages[`${about}:${one}`] === undefined);
  if (people.length > 0 && missing.length === 0) return;
  const whom =
    missing.length === 0 ? ': nobody it names has a chat user' : ` to ${missing.join(', ')}`;
  raiseAlarm(turn, about, `a notice is not delivered in time${whom}`);
}

function nextUpdate(turn: Turn, cadence: AudienceCadence): Instant | null {
  if (cadence.topOfHour) {
    const zoned = Temporal.Instant.fromEpochMilliseconds(turn.now).toZonedDateTimeISO(
      turn.policy.timezone,
    );
    return zoned.round({ smallestUnit: 'hour', roundingMode: 'floor' }).add({ hours: 1 })
      .epochMilliseconds;
  }
  const since = turn.state.declaredAt ?? turn.now;
  const slow =
    cadence.slower !== null && turn.now - since >= cadence.slower.afterMs
      ? cadence.slower.everyMs
      : null;
  const every = slow ?? cadence.everyMs;
  return every === null ? null : turn.now + every;
}

function inform(turn: Turn, cadence: AudienceCadence, text: string): void {
  const { to, audience } = cadence;
  const about = `update:${audience}`;
  if (to.kind === 'room') say(turn, text, about);
  else if (to.kind === 'channel')
    postTo(turn, { target: to.target, channel: to.channel, text, about });
  else
    for (const one of chatPeople(turn, to.sources))
      postTo(turn, {
        target: one.target,
        channel: one.user,
        text,
        about: `${about}:${one.person}`,
      });
  owe(turn, cadence, text);
}

function owe(turn: Turn, cadence: AudienceCadence, text: string): void {
  const nextAt = nextUpdate(turn, cadence);
  emit(turn, { type: 'AudienceInformed', audience: cadence.audience, nextAt, text });
  if (nextAt !== null) setTimer(turn, `audience:${cadence.audience}`, nextAt);
}

/** Starts the cadence of audiences that have none yet; the first update goes out at once, well within its time. */
export function startAudiences(turn: Turn): void {
  for (const cadence of levelOf(turn)?.audiences ?? []) {
    if (turn.state.audiences[cadence.audience] !== undefined) continue;
    // The room's pinned first message is the first update of those who read there.
    const isToldByRoom = cadence.to.kind === 'room' && turn.state.room?.state === 'opening';
    if (cadence.topOfHour || isToldByRoom) owe(turn, cadence, '');
    else inform(turn, cadence, textOf(turn, 'update.declared'));
  }
}

/** The cadence of an audience came round. */
export function audienceTick(turn: Turn, audience: string): void {
  const cadence = levelOf(turn)?.audiences.find((one) => one.audience === audience);
  if (isOver(turn.state)) return;
  if (cadence === undefined) {
    // The level it is at now owes this audience nothing more; the update it was promised still comes.
    const text = textOf(turn, 'update.status', 'This audience hears of further changes only.');
    say(turn, text, `update:${audience}`);
    emit(turn, { type: 'AudienceInformed', audience, nextAt: null, text });
    return;
  }
  inform(turn, cadence, textOf(turn, cadence.topOfHour ? 'update.briefing' : 'update.status'));
}

/** Something changed that every audience should hear now; the cadence starts anew from here. */
export function informAll(turn: Turn, text: string): void {
  const audiences = levelOf(turn)?.audiences ?? [];
  if (turn.state.declaredAt === null) return;
  const spoken = audiences.filter((one) => !one.topOfHour);
  for (const cadence of spoken) inform(turn, cadence, textOf(turn, 'update.status', text));
  if (spoken.length === 0 && homeOf(turn) !== null)
    say(turn, textOf(turn, 'update.status', text), 'update');
}
