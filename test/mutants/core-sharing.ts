/** Mutants of whom a page serves: raises that ask the holder, answers that bring a role, pages that reach nobody. */
import type { Mutant } from './mutant.ts';

const STORY = 'test/acceptance/whom-a-page-serves.test.ts';
const LOWERED = 'test/acceptance/lowered-rings-softly.test.ts';
const HOLDERS = 'src/core/paging/holders.test.ts';
const SHARING = 'src/core/paging/sharing.test.ts';
const RELAPSING = 'src/core/opening/relapsing.test.ts';

export const sharingMutants: readonly Mutant[] = [
  {
    name: 'a raise rings the command away from whoever has it',
    file: 'src/core/paging/escalating.ts',
    find: '...askedByRaise(decision, escalation),',
    replace: '',
    tests: [STORY],
  },
  {
    name: 'a raise at night rings whoever was on duty in the morning',
    file: 'src/core/paging/holders.ts',
    find: 'return isAsked ? holderFirst(look, escalation) : usual(look, escalation);',
    replace: 'return isAsked || true ? holderFirst(look, escalation) : usual(look, escalation);',
    tests: [HOLDERS],
  },
  {
    name: 'a raise asks only a commander who has just done something',
    file: 'src/core/paging/holders.ts',
    find: "isAtIt(look, holder) || (commands && walk.kind === 'policy')",
    replace: 'isAtIt(look, holder)',
    tests: [HOLDERS],
  },
  {
    name: 'a raise asks for a role among others than whoever is at it',
    file: 'src/core/paging/holders.ts',
    find: "isAtIt(look, holder) || (commands && walk.kind === 'policy')",
    replace: "commands && walk.kind === 'policy'",
    tests: [HOLDERS],
  },
  {
    name: 'a commander who sleeps is asked, where only the pager knows who comes next',
    file: 'src/core/paging/holders.ts',
    find: "commands && walk.kind === 'policy'",
    replace: 'commands',
    tests: [HOLDERS],
  },
  {
    name: 'a raise rings nobody for a command whose holder has no phone',
    file: 'src/core/paging/holders.ts',
    find: 'if (!isReachable) return { recipient, fallback };',
    replace: '',
    tests: [HOLDERS],
  },
  {
    name: 'an incident that fires again rings whoever is on call to command before its commander',
    file: 'src/core/opening/relapsing.ts',
    find: 'isGone(person) ? wanted : { ...wanted, ...holderFirst(look, wanted) }',
    replace: 'wanted',
    tests: [RELAPSING],
  },
  {
    name: 'a raise rings whom the file has not named for the role since a reload',
    file: 'src/core/paging/holders.ts',
    find: "(key.kind === 'role' ? roleRequest(look, key.role) : null) ?? asked",
    replace: 'asked',
    tests: [HOLDERS],
  },
  {
    name: 'nobody comes behind a commander who does not answer a raise',
    file: 'src/core/paging/holders.ts',
    find: '[recipient, ...fallback].filter(',
    replace: 'fallback.filter(',
    tests: [HOLDERS],
  },
  {
    name: 'whoever answered an alarm commands what is declared later, without a ring',
    file: 'src/core/paging/sharing.ts',
    find: ' && isOfSearch(page)',
    replace: '',
    tests: [STORY, 'test/core-walk.test.ts'],
  },
  {
    name: 'whoever is ill and said so commands two minutes later, without a ring',
    file: 'src/core/paging/sharing.ts',
    find: '!isAtIt(decision, by, acknowledgedAt)',
    replace: 'decision.now - (decision.state.signsOfLife[by] ?? 0) > 600_000',
    tests: [STORY],
  },
  {
    name: 'a relapse waits five minutes for whoever is ill and said so',
    file: 'src/core/opening/relapsing.ts',
    find: 'isAtIt(decision, one)',
    replace: 'isSeenSince(decision.state, one, decision.now - 600_000)',
    tests: [RELAPSING],
  },
  {
    name: 'a page that its pager refused serves the next search, and nothing rings for that',
    file: 'src/core/paging/sharing.ts',
    find: 'mayRing(page) && isFreshRing',
    replace: 'isFreshRing',
    tests: [STORY],
  },
  {
    name: 'a page that a pager takes its time over is asked for a second time',
    file: 'src/core/paging/progress.ts',
    find: 'isRecorded(page) || page.rings.some(mayBeKnown)',
    replace: "isRecorded(page) || page.rings.some(({ status }) => status === 'confirmed')",
    tests: [SHARING],
  },
  {
    name: 'in shadow somebody is rung twice who would be rung once',
    file: 'src/core/paging/progress.ts',
    find: 'isRecorded(page) || page.rings.some(mayBeKnown)',
    replace: 'page.rings.some(mayBeKnown)',
    tests: [SHARING],
  },
  {
    name: 'a page that was refused passes for a ring when it fires again',
    file: 'src/core/opening/relapsing.ts',
    find: 'fresh.filter(mayRing)',
    replace: 'fresh',
    tests: [RELAPSING],
  },
  {
    name: 'what fires again passes over the on-call whose page was refused before',
    file: 'src/core/paging/escalating.ts',
    find: '(mayRing(page) && isFreshRing(decision, page))',
    replace: 'isFreshRing(decision, page)',
    tests: [RELAPSING],
  },
  {
    name: 'each relapse asks again for a page that was refused, though somebody else is on the way',
    file: 'src/core/opening/relapsing.ts',
    find: 'const isAsked = (one: string | null): boolean => fresh.some(',
    replace: 'const isAsked = (one: string | null): boolean => ringing.some(',
    tests: [RELAPSING],
  },
  {
    name: 'whoever takes another role cuts short the time of those who ring beside them',
    file: 'src/core/paging/leaving.ts',
    find: 'if (others.length === 0)',
    replace: 'if (others.length >= 0)',
    tests: ['src/core/paging/leaving.test.ts'],
  },
  {
    name: 'a loud phone rings anew softly, for a search that began while it could wait',
    file: 'src/core/paging/ringing.ts',
    find: "wasLoud ? urgencyNow(decision, { urgency: 'high' }) : urgency",
    replace: 'urgency',
    tests: [SHARING],
  },
  {
    name: 'a raise rings for a soft phone that a loud answer had silenced',
    file: 'src/core/paging/sharing.ts',
    find: " && covers(page, 'low')",
    replace: '',
    tests: [LOWERED],
  },
  {
    name: 'a ring counts as fresh a moment longer than ten minutes, at which everything falls due',
    file: 'src/core/paging/sharing.ts',
    find: 'rangAt + RINGS_FRESH_MS > now',
    replace: 'rangAt + RINGS_FRESH_MS >= now',
    tests: ['src/core/paging/sharing.test.ts'],
  },
  {
    name: 'the word beside what rings promises a role that its answer does not give',
    file: 'src/core/paging/joining.ts',
    find: "const meaning = apart === '' ? 'is for all of it' : apart;",
    replace: "const meaning = 'is for all of it';",
    tests: ['test/acceptance/called-for-two.test.ts'],
  },
];
