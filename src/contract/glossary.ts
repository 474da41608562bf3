/**
 * One word per concept: in code, YAML, tables, logs, metrics and everything that people read. The words that are avoided
 * stand in no name that a module declares; a test of the house holds them against this list.
 */
export interface Term {
  readonly term: string;
  readonly meaning: string;
  /** Words for the same thing, or for something else, that are not used for it. */
  readonly avoid?: readonly string[];
}

/** Words that say nothing of what a thing is. */
export const PLAIN_WORDS_INSTEAD: readonly string[] = [
  'desk',
  'fate',
  'books',
  'poke',
  'door',
  'doors',
  'furnish',
  'surroundings',
  'pull',
  'pulls',
  'place',
  'places',
  'placed',
];

export const GLOSSARY: readonly Term[] = [
  // What comes in
  {
    term: 'source',
    meaning: 'a configured way in: a vendor, and the secret by which it is known',
    avoid: ['receiver', 'integration'],
  },
  { term: 'delivery', meaning: 'one HTTP request of a source, or one poll of it' },
  { term: 'alert', meaning: 'one condition that monitoring reports: firing or resolved' },
  {
    term: 'expectation',
    meaning: 'what a source sends again and again while all is well',
    avoid: ['deadman'],
  },
  { term: 'heartbeat', meaning: 'what is sent out again and again while alerts come all the way' },
  { term: 'dedup key', meaning: 'the sender’s identity of an alert', avoid: ['fingerprint'] },
  { term: 'group', meaning: 'the alerts that share an incident' },
  {
    term: 'rule',
    meaning: 'from alert to level and service; the first that matches decides',
  },
  { term: 'route', meaning: 'from alert to team' },
  { term: 'routing', meaning: 'what routes and rules found out about the alerts of an incident' },
  {
    term: 'storm',
    meaning: 'many new incidents at once, gathered by one parent',
    avoid: ['flood'],
  },

  // What follows
  {
    term: 'incident',
    meaning: 'a disruption that people respond to; it has a timeline',
    avoid: ['outage', 'ticket'],
  },
  { term: 'severity', meaning: 'how bad it is, as people see it: the level it is at, and why' },
  { term: 'level', meaning: 'one entry of the scale of severities' },
  { term: 'urgency', meaning: 'wake somebody now, or wait for working hours' },
  { term: 'phase', meaning: 'triage, investigating, identified, monitoring, resolved, closed' },
  { term: 'trigger', meaning: 'what raises the severity by itself' },
  {
    term: 'evidence',
    meaning: 'what a rule or a trigger has seen: it counts once',
  },
  { term: 'flag', meaning: 'a mark that a person sets on an incident' },
  { term: 'verb', meaning: 'something that people can do' },
  { term: 'request', meaning: 'a verb, and what was said with it' },
  { term: 'fact', meaning: 'something that has happened, as an input of the core' },
  {
    term: 'decision',
    meaning: 'events and effects that follow from one input and the state of one incident',
  },
  { term: 'turn', meaning: 'one round of the writer: all that it stores goes into one commit' },
  { term: 'event', meaning: 'a line of the timeline; the state follows from the events' },
  { term: 'effect', meaning: 'something that is to be done elsewhere, as data' },
  { term: 'job', meaning: 'what is done over and over, by the calendar' },
  { term: 'backup', meaning: 'a copy of the data that was read as a whole' },
  { term: 'cron', meaning: 'an expression that says when a job is due' },
  {
    term: 'obligation',
    meaning: 'what is owed, and when it falls due',
  },
  { term: 'clock', meaning: 'the kind of an obligation, as a key' },
  {
    term: 'pause',
    meaning: 'a person holds paging, the public or automation up for a while',
    avoid: ['brake'],
  },
  { term: 'quiet', meaning: 'nothing fires', avoid: ['hush', 'hushed', 'hushes', 'quieten'] },
  {
    term: 'stale',
    meaning: 'not heard of for so long that it counts as firing no more, which proves no end',
  },
  { term: 'held', meaning: 'kept back on purpose, until something else happens' },
  { term: 'soak', meaning: 'how long it must be quiet before an incident counts as over' },
  { term: 'claim', meaning: 'what an incident says about something that incidents share' },
  { term: 'lease', meaning: 'the time for which a row of the outbox is ours to send' },

  // Who comes
  { term: 'role', meaning: 'what somebody does in an incident', avoid: ['assignee'] },
  {
    term: 'recipient',
    meaning: 'whom a page is for, as the configuration says it: a person, a rotation, a role',
  },
  { term: 'candidate', meaning: 'whom a recipient leads to at this moment, and why' },
  { term: 'rotation', meaning: 'who is on call when, by turns' },
  { term: 'escalation', meaning: 'the search for somebody who answers, by the steps of a policy' },
  { term: 'step', meaning: 'whom an escalation pages, and how long it waits' },
  { term: 'page', meaning: 'one person is asked to come' },
  {
    term: 'ring',
    meaning: 'a page at one pager, under one key of the vendor',
    avoid: ['rung'],
  },
  { term: 'alarm', meaning: 'what nobody may overlook; it repeats until it is answered or gone' },
  { term: 'acknowledgement', meaning: 'a person says that they are here' },
  { term: 'offer', meaning: 'one person is asked to take a role, and rung for a while' },
  { term: 'hand-off', meaning: 'a role goes from one person to another' },
  {
    term: 'sign of life',
    meaning: 'anything that a person does about an incident, here or at a pager',
  },
  { term: 'presence', meaning: 'after how long without a sign of life somebody is missed' },
  {
    term: 'holder',
    meaning: 'whoever commands an incident; where nobody does, whoever answered last',
  },

  // Who is told
  { term: 'status page', meaning: 'what the public reads' },
  { term: 'component', meaning: 'what the public sees on it' },
  { term: 'service', meaning: 'what a team owns and monitors' },
  { term: 'post', meaning: 'one update on a status page', avoid: ['announcement'] },
  { term: 'draft', meaning: 'a post that is not on the page yet' },
  { term: 'promise', meaning: 'the time of the next update, as the page says it' },
  { term: 'audience', meaning: 'people inside who are told on a cadence of their own' },
  { term: 'room', meaning: 'the chat channel of one incident' },
  { term: 'message', meaning: 'what is said in chat' },

  // How it goes out
  { term: 'adapter', meaning: 'the code for one vendor', avoid: ['plugin'] },
  {
    term: 'target',
    meaning: 'a configured way out: an account at a vendor',
    avoid: ['destination', 'sink'],
  },
  { term: 'pager', meaning: 'a target that can make phones ring' },
  { term: 'address', meaning: 'what rings at a pager, by what identifies it there' },
  { term: 'order', meaning: 'what an adapter is asked to do' },
  { term: 'outcome', meaning: 'what came of an order: delivered, retry or reject' },
  { term: 'outbox', meaning: 'effects on their way' },
  { term: 'inbox', meaning: 'everything that enters, as rows' },
  {
    term: 'stand-in',
    meaning: 'plays a vendor, as strictly as the original',
    avoid: ['mock', 'fake'],
  },

  // How it holds together
  {
    term: 'anchor',
    meaning: 'the moment from which a wait counts; the state keeps anchors, never due moments',
  },
  { term: 'wake-up', meaning: 'when an incident is looked at again, and how urgent that is' },
  { term: 'cadence', meaning: 'how often somebody is told' },
  { term: 'policy', meaning: 'the configuration, checked and compiled' },
  { term: 'lookups', meaning: 'what a decision may ask about beside its incident' },
  { term: 'subject', meaning: 'what a verb is about: an incident, or the installation' },
  { term: 'parent', meaning: 'the incident that gathers a storm' },
  { term: 'adopted', meaning: 'taken over from a vendor, where it rang before we knew of it' },
  { term: 'stream', meaning: 'effects that must leave one after the other' },
  { term: 'lane', meaning: 'effects of one urgency on their way' },
  { term: 'mode', meaning: 'whether a target is live, in shadow, drafting or off' },
];
