/** Mutants of what alarms do to people: whom they wake, how often, and what an answer is worth. */
import type { Mutant } from './mutant.ts';

const SOUNDING = ['src/core/paging/sounding.test.ts'];
const NIGHT = ['test/acceptance/alarms.test.ts'];

export const alarmMutants: readonly Mutant[] = [
  {
    name: 'a missing scribe rings people all night',
    file: 'src/core/paging/concerns.ts',
    find: "if (!isNeeded(look, key)) return 'never';",
    replace: '',
    tests: NIGHT,
  },
  {
    name: 'a role that is written as essential is missing and rings nobody',
    file: 'src/core/paging/concerns.ts',
    find: 'known?.essential === true ||',
    replace: '',
    tests: NIGHT,
  },
  {
    name: 'a page to somebody who need not come rings others when it does not get through',
    file: 'src/core/paging/concerns.ts',
    find: "    return 'never';\n  return acceptedBy(page)",
    replace: "    return 'at once';\n  return acceptedBy(page)",
    tests: SOUNDING,
  },
  {
    name: 'a notice that is late for a minute rings people at night',
    file: 'src/core/paging/concerns.ts',
    find: "rings === 'again' && alarm.count > 1",
    replace: "rings === 'again'",
    tests: SOUNDING,
  },
  {
    name: 'whoever answered an alarm is rung again after one interval',
    file: 'src/core/model/calls.ts',
    find: 'QUIET_INTERVALS = 3',
    replace: 'QUIET_INTERVALS = 1',
    tests: NIGHT,
  },
  {
    name: 'the peace of an answer counts from the ring that it answers',
    file: 'src/core/model/events-paging.ts',
    find: '? { since: event.at } : {}',
    replace: '? {} : {}',
    tests: NIGHT,
  },
  {
    name: 'chat goes on about an alarm that somebody has answered',
    file: 'src/core/model/obligation.ts',
    find: 'Math.max(again, quietUntil(ground, postOfAlarm(key)) ?? again)',
    replace: 'again',
    tests: NIGHT,
  },
  {
    name: 'what is new waits until the peace of an answer is over',
    file: 'src/core/paging/owed-paging.ts',
    find: 'isUrgent && since > call.since',
    replace: 'isUrgent && since > call.since + 3_600_000',
    tests: NIGHT,
  },
  {
    name: 'the same person is rung at each interval, whoever else is on the list',
    file: 'src/core/paging/sounding.ts',
    find: 'return call.step + 1;',
    replace: 'return call.step;',
    tests: NIGHT,
  },
  {
    name: 'after an answer the round begins with somebody who knows nothing of it',
    file: 'src/core/paging/sounding.ts',
    find: 'return at < 0 ? call.step : at;',
    replace: 'return call.step + 1;',
    tests: SOUNDING,
  },
  {
    name: 'an alarm whose phone is refused waits an interval for the next one',
    file: 'src/core/paging/sounding.ts',
    find: 'if (step !== null) goTo(decision, post, { list, step, because });',
    replace: '',
    tests: SOUNDING,
  },
  {
    name: 'a late post rings the list before whoever owes it',
    file: 'src/core/paging/sounding.ts',
    find: '...(post === null ? [] : ownersOf(decision)), ...list]',
    replace: '...list, ...(post === null ? [] : ownersOf(decision))]',
    tests: SOUNDING,
  },
  {
    name: 'whoever answers the phone of an alarm hears nothing of what is open',
    file: 'src/core/paging/sounding.ts',
    find: "sayOfAlarms(decision, text, { kind: 'status' });",
    replace: '',
    tests: NIGHT,
  },
  {
    name: 'whoever answers an alarm by command reads nothing of what is open',
    file: 'src/core/verbs/people-verbs.ts',
    find: '(state === null ? null : openText(state))',
    replace: 'null',
    tests: NIGHT,
  },
  {
    name: 'an alarm wakes people of other teams first',
    file: 'src/core/people/alarm-list.ts',
    find: 'if (team.list.length > 0) return team;',
    replace: '',
    tests: NIGHT,
  },
  {
    name: 'an alarm rings nobody where the team has no phone',
    file: 'src/core/people/alarm-list.ts',
    find: "several(Object.keys(policy.people), 'among the people of the configuration', policy)",
    replace: 'team',
    tests: ['src/core/people/alarm-list.test.ts'],
  },
  {
    name: 'an alarm rings nobody because whom the configuration names cannot be rung now',
    file: 'src/core/people/alarm-list.ts',
    find: 'written !== null && written.list.length > 0',
    replace: 'written !== null',
    tests: ['src/core/people/alarm-list.test.ts'],
  },
];
