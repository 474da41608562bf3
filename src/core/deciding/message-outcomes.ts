/** What came of messages and rooms. */
import {
  audienceReached,
  setUpRoom,
  noticeDelivered,
  pinStart,
  roomReached,
  startAudiencesElsewhere,
} from '../informing/informing.ts';
import { emit, type Decision } from '../model/decision.ts';
import type { ChatEffect, MessageAbout, Settled } from '../model/effect.ts';
import { say } from '../texts/messages.ts';

/** A message or a room ended: whoever was told counts as told. */
export function messageSettled(decision: Decision, { about }: ChatEffect, settled: Settled): void {
  if (settled.result === 'rejected') {
    messageRejected(decision, about, settled);
    return;
  }
  if (settled.result !== 'delivered' && settled.result !== 'withheld') return;
  const ref = settled.result === 'delivered' ? settled.externalRef : null;
  switch (about.kind) {
    case 'room': {
      const state = settled.result === 'withheld' ? 'failed' : 'open';
      emit(decision, { type: 'RoomChanged', state, ref, detail: settled.result });
      if (state === 'open') setUpRoom(decision);
      else startAudiencesElsewhere(decision);
      return;
    }
    case 'room_archive':
      emit(decision, { type: 'RoomChanged', state: 'archived', ref: null, detail: settled.result });
      return;
    case 'room_start':
      if (ref !== null) pinStart(decision, ref);
      roomReached(decision);
      return;
    case 'update':
      audienceReached(decision, about.audience);
      return;
    case 'notice':
      noticeDelivered(decision, about.notice, about.person);
      return;
    default:
  }
}

function messageRejected(
  decision: Decision,
  about: MessageAbout,
  { reason, detail, hint }: Extract<Settled, { result: 'rejected' }>,
): void {
  if (about.kind === 'room') {
    emit(decision, {
      type: 'RoomChanged',
      state: 'failed',
      ref: null,
      detail: `${reason}: ${detail}`,
    });
    const text = `${decision.state.id}: the room could not be opened (${reason}). ${hint}`;
    say(decision, text, { kind: 'room_failed' });
    startAudiencesElsewhere(decision);
  }
  emit(decision, { type: 'MessageFailed', about, reason: `${reason}: ${detail}`, hint });
}
