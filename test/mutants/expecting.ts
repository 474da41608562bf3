/** Mutants of what a source is expected to send again and again: what counts as away, and who hears of it. */
import type { Mutant } from './mutant.ts';

const STORY = 'test/acceptance/expect.test.ts';
const RULES = 'src/core/routing/expecting.test.ts';

export const expectingMutants: readonly Mutant[] = [
  {
    name: 'the alert that always fires opens an incident and rings somebody',
    file: 'src/core/routing/route.ts',
    find: 'if (expectation !== null)',
    replace: 'if (expectation !== null && policy.routes.length < 0)',
    tests: [STORY],
  },
  {
    name: 'one repeat that is lost rings somebody',
    file: 'src/core/routing/expecting.ts',
    find: 'AWAY_AFTER = 2;',
    replace: 'AWAY_AFTER = 1;',
    tests: [RULES],
  },
  {
    name: 'that Prometheus has stopped is told only after the whole wait',
    file: 'src/core/routing/expecting.ts',
    find: 'if (watch.hasEnded) return true;',
    replace: '',
    tests: [RULES],
  },
  {
    name: 'a server that starts rings before the next repeat can come',
    file: 'src/core/routing/expecting.ts',
    find: '(hadTime ||',
    replace: '(true ||',
    tests: [RULES],
  },
  {
    name: 'a server that starts over and over puts it off for ever',
    file: 'src/core/routing/expecting.ts',
    find: 'waitedMs >= AWAY_FOR_SURE_AFTER * everyMs',
    replace: 'false',
    tests: [RULES],
  },
  {
    name: 'one of several that always fire ends, and somebody is rung though the others fire',
    file: 'src/core/routing/expecting.ts',
    find: 'hasEnded: Object.keys(others).length === 0',
    replace: 'hasEnded: true',
    tests: [RULES],
  },
  {
    name: 'one that was heard weeks ago keeps it secret that the last one has ended',
    file: 'src/core/routing/expecting.ts',
    find: 'at - other.at < AWAY_AFTER * everyMs',
    replace: 'true',
    tests: [RULES],
  },
  {
    name: 'the late end of an earlier episode rings somebody',
    file: 'src/core/routing/expecting.ts',
    find: 'if (isOfEarlier || isOfAnother) return watch;',
    replace: 'if (isOfAnother) return watch;',
    tests: [RULES],
  },
  {
    name: 'time in which the server was down counts, and every long stop rings somebody',
    file: 'src/engine/expectations.ts',
    find: 'const before = stoodStill ?',
    replace: 'const before = false ?',
    tests: [STORY],
  },
  {
    name: 'a process that never lives for long waits for ever',
    file: 'src/engine/expectations.ts',
    find: 'THERE_AT_LEAST_MS = 10_000;',
    replace: 'THERE_AT_LEAST_MS = 0;',
    tests: ['src/engine/expectations.test.ts'],
  },
  {
    name: 'a new absence of something else is measured from when the other was heard',
    file: 'src/engine/deciding/expected.ts',
    find: 'return known?.text === expectation.text ? known :',
    replace: 'return known !== undefined ? known :',
    tests: [STORY],
  },
  {
    name: 'what is expected no more stays away for ever',
    file: 'src/engine/expectations.ts',
    find: 'const alerts = [...dropped(before, watched)];',
    replace: 'const alerts = [...dropped({}, watched)];',
    tests: [STORY],
  },
  {
    name: 'a route of a team keeps it quiet that alerts do not come in',
    file: 'src/core/routing/route.ts',
    find: 'name !== UNREADABLE && name !== MISSING',
    replace: 'name !== UNREADABLE',
    tests: [STORY],
  },
  {
    name: 'whatever level stands beside it, it rings out loud',
    file: 'src/core/model/about-tocsin.ts',
    find: "[MISSING]: 'of its level'",
    replace: "[MISSING]: 'high'",
    tests: [STORY],
  },
  {
    name: 'what was refused last year is named as the cause',
    file: 'src/engine/intake/not-taken.ts',
    find: 'times.filter((at) => at >= from).length',
    replace: 'times.length',
    tests: [STORY],
  },
  {
    name: 'a sender whose deliveries are too large is not named as the cause',
    file: 'src/http/webhooks.ts',
    find: 'options.tooLarge(address.source);',
    replace: '',
    tests: [STORY],
  },
  {
    name: 'nobody says that an Alertmanager could fall silent unnoticed',
    file: 'src/config/sections/expecting.ts',
    find: 'if (always === undefined) return;',
    replace: 'return;',
    tests: ['test/config/bad.test.ts'],
  },
  {
    name: 'everything may be expected, and no alert opens an incident any more',
    file: 'src/config/sections/expecting.ts',
    find: 'if (isEverything(when))',
    replace: 'if (false)',
    tests: ['test/config/bad.test.ts'],
  },
];
