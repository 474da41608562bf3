/** Mutants of command: one search for it, who is there, what an answer says, and who is rung again. */
import type { Mutant } from './mutant.ts';

const COMMANDS = 'test/acceptance/two-commands.test.ts';
const REOPENED = 'test/acceptance/reopened.test.ts';
const LOWERED = 'test/acceptance/lowered-rings-softly.test.ts';
const HERE = 'test/acceptance/i-am-here.test.ts';
const HANDING = 'test/acceptance/handing-over.test.ts';
const RELOADED = 'test/acceptance/roles-after-a-reload.test.ts';

export const commandMutants: readonly Mutant[] = [
  {
    name: 'a raise goes on looking for the command of the milder level',
    file: 'src/core/severity/severity.ts',
    find: 'if (callsCommander(decision, level))',
    replace: 'if (Number.isNaN(level.rank))',
    tests: [COMMANDS],
  },
  {
    name: 'a raise in triage ends the only search for somebody to command',
    file: 'src/core/severity/severity.ts',
    find: 'if (callsCommander(decision, level))',
    replace: 'if (level.page.declared.length > 0)',
    tests: [COMMANDS],
  },
  {
    name: 'somebody commands, and another level still looks for its own commander',
    file: 'src/core/command/declaring.ts',
    find: '    endOtherCommands(decision, `${event.person} commands as ${roleText(event.role)}`);\n',
    replace: '',
    tests: [COMMANDS],
  },
  {
    name: 'the search for the command of the level itself ends with that of another one',
    file: 'src/core/command/declaring.ts',
    find: "key.kind !== 'role' || named.includes(key.role)",
    replace: "key.kind !== 'role' || (named.includes(key.role) && key.role === '')",
    tests: [COMMANDS],
  },
  {
    name: 'roles that do not command are looked for no more once somebody commands',
    file: 'src/core/command/declaring.ts',
    find: 'if (roleOf(decision, key.role)?.commands === true) endEscalation',
    replace: 'if (roleOf(decision, key.role) !== null) endEscalation',
    tests: [COMMANDS],
  },
  {
    name: 'whoever opens an incident again is rung for it at once',
    file: 'src/core/opening/reopening.ts',
    find: "actor.kind === 'person' ? [actor.id] : []",
    replace: "actor.kind === 'person' ? [] : []",
    tests: [REOPENED],
  },
  {
    name: 'a reopening rings the commander of the night, and never the one of now',
    file: 'src/core/opening/relapsing.ts',
    find: 'return isGone(person) ? wanted : ',
    replace: 'return ',
    tests: [REOPENED],
  },
  {
    name: 'a commander who was told that their phone waits is passed over after the five minutes',
    file: 'src/core/opening/relapsing.ts',
    find: '{ at: relapse.at, asking: [] }',
    replace: '{ at: decision.now, asking: [] }',
    tests: [REOPENED],
  },
  {
    name: 'a ring that waits after a reopening never comes',
    file: 'src/core/model/events-incident.ts',
    find: 'reopenedAt: event.at, relapse }',
    replace: 'reopenedAt: event.at, relapse: null }',
    tests: [REOPENED],
  },
  {
    name: 'a role that nobody held is not looked for once the incident is open again',
    file: 'src/core/opening/reopening.ts',
    find: '  startEscalations(decision, momentRequests(decision, momentsSoFar(decision)));\n',
    replace: '',
    tests: [REOPENED],
  },
  {
    name: 'a search that began out loud goes on out loud after a lowering',
    file: 'src/core/paging/sharing.ts',
    find: "return urgencyOf(look) === 'low' ? 'low' : urgency;",
    replace: 'return urgency;',
    tests: [LOWERED],
  },
  {
    name: 'a later step rings softly whose phone rings out loud already',
    file: 'src/core/paging/escalating.ts',
    find: "(page.urgency === 'high' || urgency === 'low') &&",
    replace: 'page.urgency === urgency &&',
    tests: [LOWERED],
  },
  {
    name: 'a phone that rang out loud before the lowering rings out loud anew',
    file: 'src/core/paging/ringing.ts',
    find: "wasLoud ? urgencyNow(decision, { urgency: 'high' }) : urgency",
    replace: "wasLoud ? 'high' : urgency",
    tests: [LOWERED],
  },
  {
    name: 'whoever was rung softly after a lowering is not rung out loud by the next raise',
    file: 'src/core/paging/sharing.ts',
    find: "urgency === 'low' || softly.length > 0",
    replace: "urgency === 'low'",
    tests: [LOWERED],
  },
  {
    name: 'whoever is at it is refused when they say so',
    file: 'src/core/command/acknowledging.ts',
    find: 'isAwaited(decision, answer.by) || isResponder(decision.state, answer.by)',
    replace: 'isAwaited(decision, answer.by)',
    tests: [HERE],
  },
  {
    name: 'whoever did something about it is taken for a bystander',
    file: 'src/core/command/acknowledging.ts',
    find: 'own(signsOfLife, person) !== undefined ||',
    replace: '',
    tests: [HERE],
  },
  {
    name: 'somebody acknowledges what is over, and reads nothing of reopening it',
    file: 'src/core/command/acknowledging.ts',
    find: 'if (isOver(decision.state) || !isHere)',
    replace: 'if (!isHere)',
    tests: [HERE],
  },
  {
    name: 'after the end a bystander is told to take a role that nobody can take',
    file: 'src/core/command/acknowledging.ts',
    find: '  if (isOver(state))\n    return',
    replace: '  if (state.id === "")\n    return',
    tests: [HERE],
  },
  {
    name: 'an old role is said to be what the answer brought',
    file: 'src/core/command/answered.ts',
    find: 'who === by && when === at',
    replace: 'who === by && when !== null',
    tests: [HERE],
  },
  {
    name: 'whoever declined one role is given another at once',
    file: 'src/core/paging/offers.ts',
    find: 'return offer?.person === person && offer.since >= since',
    replace: 'return offer?.person === person && offer.role === since.toString()',
    tests: [HANDING],
  },
  {
    name: 'that a reload removed a role wakes people all night, whatever the role',
    file: 'src/core/paging/concerns.ts',
    find: "key.what === 'role' && !isEssential(look, key.name) ? 'never' : 'again'",
    replace: "'again'",
    tests: [RELOADED],
  },
  {
    name: 'that a reload removed the role of triage rings nobody',
    file: 'src/core/paging/concerns.ts',
    find: 'look.state.levelKept?.page.triage.includes(role) === true',
    replace: 'look.state.levelKept?.id === role',
    tests: [RELOADED],
  },
  {
    name: 'a phone rings on for a role that its owner can take no more',
    file: 'src/core/command/declaring.ts',
    find: '    leaveOtherSearches(decision, event.role, event.person);\n',
    replace: '',
    tests: [HANDING],
  },
  {
    name: 'a phone falls silent for all that it rang for when its owner can take one of it no more',
    file: 'src/core/paging/leaving.ts',
    find: 'barred.length > 0 && barred.length === sought.length',
    replace: 'barred.length > 0',
    tests: [HANDING],
  },
];
