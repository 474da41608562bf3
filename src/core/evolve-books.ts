/** The part of the fold about what is owed and pending: alarms, timers, effects, the room. */
import type { IncidentEvent } from './event.ts';
import type { Incident } from './incident.ts';

function without<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  if (!Object.hasOwn(record, key)) return record;
  const rest: Record<string, T> = { ...record };
  delete rest[key];
  return rest;
}

/** The state after the event; lines of the timeline that change nothing we owe leave it as it is. */
export function evolveBooks(state: Incident, event: IncidentEvent): Incident {
  switch (event.type) {
    case 'AlarmRaised':
      return {
        ...state,
        alarms: {
          ...state.alarms,
          [event.alarm]: {
            since: state.alarms[event.alarm]?.since ?? event.at,
            reason: event.reason,
            count: event.count,
          },
        },
      };
    case 'AlarmCleared':
      return { ...state, alarms: without(state.alarms, event.alarm) };
    case 'TimerSet':
      return {
        ...state,
        timers: {
          ...state.timers,
          [event.purpose]: { generation: event.generation, dueAt: event.dueAt },
        },
        timerGenerations: { ...state.timerGenerations, [event.purpose]: event.generation },
      };
    case 'TimerDropped':
      return { ...state, timers: without(state.timers, event.purpose) };
    case 'EffectRequested':
      return {
        ...state,
        effects: { ...state.effects, [event.effect]: { name: event.name, about: event.about } },
      };
    case 'EffectDone':
      return { ...state, effects: without(state.effects, event.effect) };
    case 'RoomRequested':
      return {
        ...state,
        room: { target: event.target, name: event.name, ref: null, state: 'opening' },
      };
    case 'RoomChanged':
      return state.room === null
        ? state
        : {
            ...state,
            room: { ...state.room, state: event.state, ref: event.ref ?? state.room.ref },
          };
    default:
      // Notes, missed clocks and other lines of the timeline that change nothing we owe.
      return state;
  }
}
