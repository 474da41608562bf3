/** Mutants of canaries and heartbeats: what is dead must not look alive, and what proves that must leave nothing behind. */
import type { Mutant } from './mutant.ts';

const BEATS = ['src/engine/watching/beats.test.ts'];
const HEARTBEAT = ['src/engine/watching/heartbeat.test.ts'];

export const mutantsOfHeartbeat: readonly Mutant[] = [
  {
    name: 'heartbeats go on while the event loop stands still',
    file: 'src/engine/watching/beats.ts',
    find: 'silentMs < STILL_MS && ',
    replace: '',
    tests: BEATS,
  },
  {
    name: 'heartbeats go on although no alert comes through',
    file: 'src/engine/watching/beats.ts',
    find: ' && said.canaryAgeMs + silentMs < CANARY_MS',
    replace: '',
    tests: BEATS,
  },
  {
    name: 'a process that was suspended for hours says at once that it lives',
    file: 'src/engine/watching/beats.ts',
    find: 'if (isAwake(now)) said = { ...turned, at: now };',
    replace: 'said = { ...turned, at: now };',
    tests: BEATS,
  },
  {
    name: 'whoever stood still hears what lay in its queue as if it were said now',
    file: 'src/engine/watching/beats.ts',
    find: '      believesFrom = now + LOOK_MS;\n',
    replace: '',
    tests: BEATS,
  },
  {
    name: 'canaries wait behind all pages of a storm',
    file: 'src/engine/deciding/canary-row.ts',
    find: '    rank: 0,',
    replace: '    rank: 99,',
    tests: HEARTBEAT,
  },
  {
    name: 'a canary that was decided stays in the inbox',
    file: 'src/engine/deciding/process.ts',
    find: "isOfCanary(row) && disposition.kind !== 'undecided'",
    replace: "isOfCanary(row) && disposition.kind === 'undecided'",
    tests: HEARTBEAT,
  },
  {
    name: 'heartbeats go out on a full disk',
    file: 'src/engine/watching/canary.ts',
    find: "if (store.condition().kind !== 'ok') return;",
    replace: '',
    tests: HEARTBEAT,
  },
  {
    name: 'heartbeats prove nothing of the core',
    file: 'src/engine/deciding/canary-row.ts',
    find: "if (classified.verdict === 'take') {",
    replace: "if (classified.verdict === 'take' && row.failures > 9) {",
    tests: HEARTBEAT,
  },
  {
    name: 'each canary leaves rows behind',
    file: 'src/engine/dispatch/settle.ts',
    find: '    await turn.tx.dropCanary();\n',
    replace: '',
    tests: HEARTBEAT,
  },
  {
    name: 'a canary over which the rules throw rings somebody every quarter of a minute',
    file: 'src/engine/deciding/process.ts',
    find: "return origin === 'canary';",
    replace: "return origin === 'canary' && false;",
    tests: HEARTBEAT,
  },
  {
    name: 'nobody hears that nothing comes through',
    file: 'src/engine/watching/troubles.ts',
    find: '    tell(ofCanary(options));\n',
    replace: '',
    tests: HEARTBEAT,
  },
];
