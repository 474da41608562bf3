/** Fields of which no story of the core can tell: each group with the reason, and the tests that prove them instead. */

export interface Exception {
  readonly because: string;
  /** Tests that name each of the fields. */
  readonly provenIn: readonly string[];
  readonly paths: readonly string[];
}

const under = (at: string, names: string): readonly string[] =>
  names.split(' ').map((name) => `${at}.${name}`);

const testsOf = (vendor: string): string => `adapters/${vendor}/${vendor}.test.ts`;

export const exceptions: readonly Exception[] = [
  {
    because: 'An adapter’s own credentials and addresses go out with its requests, word for word.',
    provenIn: [
      ...['pagerduty', 'opsgenie', 'statuspage', 'slack'].map(testsOf),
      'test/vendors/pagerduty.ts',
      'test/vendors/opsgenie.ts',
    ],
    paths: [
      ...under('targets.*<pagerduty>', 'token from base_url events_url region'),
      ...under('targets.*<opsgenie>', 'api_key base_url region'),
      ...under('targets.*<statuspage>', 'api_key base_url page_id'),
      ...under('targets.*<slack>', 'bot_token base_url'),
      'address.key',
    ],
  },
  {
    because: 'What an adapter adds to its own requests shows in them, and nowhere else.',
    provenIn: ['pagerduty', 'opsgenie', 'statuspage'].map(testsOf),
    paths: [
      ...under('targets.*<pagerduty>', 'event_severities people_service.id people_service.name'),
      ...under('targets.*<pagerduty>', 'poll_services.id poll_services.name'),
      ...under('targets.*<pagerduty>', 'requester.id requester.name'),
      ...under('targets.*<pagerduty>', 'priorities.*.id priorities.*.name'),
      'targets.*<opsgenie>.priorities',
      'targets.*<statuspage>.deliver_notifications',
    ],
  },
  {
    because: 'How a sender proves itself decides whether there is an alert at all.',
    provenIn: ['alertmanager', 'generic-webhook', 'opsgenie'].map(testsOf),
    paths: [
      ...under('sources.*<alertmanager>', 'token basic_auth.username basic_auth.password'),
      ...under('sources.*<generic-webhook>.verify', 'bearer.header bearer.token'),
      ...under('sources.*<generic-webhook>.verify.hmac', 'algorithm encoding header prefix'),
      ...under('sources.*<generic-webhook>.verify.hmac', 'secret separator timestamp_header'),
      'sources.*<generic-webhook>.verify.standard_webhooks.secret',
      'sources.*<generic-webhook>.delivery_id_header',
      ...under('sources.*<opsgenie>', 'header token'),
    ],
  },
  {
    because: 'The webhooks of PagerDuty are signed with it, which its test vectors prove.',
    provenIn: ['adapters/pagerduty/source.test.ts'],
    paths: ['sources.*<pagerduty>.secret'],
  },
  {
    because: 'A mapping says where in the sender’s JSON the parts of an alert stand.',
    provenIn: [testsOf('generic-webhook')],
    paths: [
      ...under('sources.*<generic-webhook>.mapping', 'dedup_key title description labels links'),
      ...under('sources.*<generic-webhook>.mapping', 'each observed_at severity starts_at'),
      ...under(
        'sources.*<generic-webhook>.mapping.status',
        'firing ignore otherwise path resolved',
      ),
    ],
  },
  {
    because: 'It decides which other fields there are, so nothing else could stay the same.',
    provenIn: ['test/config/schema.test.ts'],
    paths: ['targets.*.type'],
  },
  {
    because:
      'The process reads it at start: where it listens, whom it believes, what it takes in, what it keeps.',
    provenIn: ['test/config/load.test.ts'],
    paths: [
      ...under('server', 'listen max_body trusted_proxies log.level checkpoints'),
      'retention.bodies',
      'retention.archive',
    ],
  },
  {
    because: 'It says when old rows are deleted, of which no incident and no page tells.',
    provenIn: ['test/config/load.test.ts'],
    paths: ['retention.sweep', 'retention.sweep.cron', 'retention.sweep.timezone'],
  },
  {
    because: 'It says when copies are made and kept where, of which no incident and no page tells.',
    provenIn: ['test/config/load.test.ts'],
    paths: [
      ...under('backup', 'to schedule schedule.cron schedule.timezone keep.last keep.for'),
      ...under('proof', 'schedule schedule.cron schedule.timezone'),
    ],
  },
  {
    because:
      'It says who outside is told that Tocsin lives, of which no incident and no page tells.',
    provenIn: ['test/heartbeat.test.ts'],
    paths: under('server.heartbeat', 'url every peers.url peers.token'),
  },
  {
    because: 'The guard of addresses asks for it at each request that leaves.',
    provenIn: ['test/doctor.test.ts'],
    paths: ['server.allow_private_hosts'],
  },
];
