/** What came of messages and rooms. */
import {
  audienceReached,
  setUpRoom,
  noticeDelivered,
  pinStart,
  roomFailed,
  roomReached,
} from '../informing/informing.ts';
import { emit, type Decision } from '../model/decision.ts';
import type { ChatEffect, MessageAbout, Settled } from '../model/effect.ts';

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
      if (settled.result === 'withheld') {
        roomFailed(decision, { detail: settled.result, text: null });
        return;
      }
      emit(decision, { type: 'RoomChanged', state: 'open', ref, detail: settled.result });
      setUpRoom(decision);
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
    const text = `the room could not be opened (${reason}). ${hint}`;
    roomFailed(decision, { detail: `${reason}: ${detail}`, text });
  }
  emit(decision, { type: 'MessageFailed', about, reason: `${reason}: ${detail}`, hint });
}
