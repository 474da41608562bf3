/** Pages and public posts that are sent while the connection breaks. */
import { targetConfig } from '../../adapters/opsgenie/config.ts';
import { pager as opsgenie } from '../../adapters/opsgenie/pager.ts';
import { config as pagerdutyConfig } from '../../adapters/pagerduty/config.ts';
import type { Config as PagerdutyConfig } from '../../adapters/pagerduty/config.ts';
import { pager as pagerduty } from '../../adapters/pagerduty/pager.ts';
import { config as statuspageConfig } from '../../adapters/statuspage/api.ts';
import type { Config as StatuspageConfig } from '../../adapters/statuspage/api.ts';
import { publish } from '../../adapters/statuspage/publish.ts';
import { Secret } from '../../src/contract/index.ts';
import type { Io, Outcome, PageOrder, PublishOrder } from '../../src/contract/index.ts';

/** What is sent, and with which configuration at which address. */
export interface Sending {
  readonly what: string;
  readonly kind: 'page' | 'post';
  send(base: string, io: Omit<Io<unknown>, 'config'>): Promise<Outcome>;
}

export const page: PageOrder = {
  idempotencyKey: 'inc-7/4/0',
  deadline: 1_768_468_000_000,
  key: 'inc-7',
  address: {},
  urgency: 'high',
  severity: null,
  title: 'The crane stands still',
  body: '',
  origin: 'crane',
  links: [],
  externalRef: null,
};

export const post: PublishOrder = {
  idempotencyKey: 'inc-7/9/0',
  deadline: 1_768_468_000_000,
  externalRef: null,
  token: 'inc-7/public',
  title: 'Checkout is slow',
  status: 'investigating',
  body: 'We are looking into it.',
  components: {},
  notify: true,
};

const crane = { name: 'Crane', id: 'PCRANE1' };
const key = new Secret('0f3c2b1a9e8d7c6b5a49382716050403');

function atPagerduty(base: string): PagerdutyConfig {
  return pagerdutyConfig.parse({
    token: new Secret('t'),
    from: 'tocsin@example.com',
    people_service: { name: 'People', id: 'PPEOPLE' },
    base_url: base,
    events_url: base,
  });
}

/** The status page at an address. */
export function atStatuspage(base: string): StatuspageConfig {
  return statuspageConfig.parse({ page_id: 'p1', api_key: new Secret('k'), base_url: base });
}

export const SENDINGS: readonly Sending[] = [
  {
    what: 'a page by the key of PagerDuty',
    kind: 'page',
    send: (base, io) =>
      pagerduty.trigger(
        { ...page, address: { service: crane, key } },
        { ...io, config: atPagerduty(base) },
      ),
  },
  {
    what: 'a page to a person at PagerDuty',
    kind: 'page',
    send: (base, io) =>
      pagerduty.trigger(
        { ...page, address: { user: { name: 'Rosa', id: 'PROSA01' } } },
        { ...io, config: atPagerduty(base) },
      ),
  },
  {
    what: 'a page by Opsgenie',
    kind: 'page',
    send: (base, io) =>
      opsgenie.trigger(
        { ...page, address: { user: 'ada@example.com' } },
        { ...io, config: targetConfig.parse({ api_key: new Secret('k'), base_url: base }) },
      ),
  },
  {
    what: 'a first public post',
    kind: 'post',
    send: (base, io) => publish(post, { ...io, config: atStatuspage(base) }),
  },
  {
    what: 'an update in public',
    kind: 'post',
    send: (base, io) =>
      publish({ ...post, externalRef: 'sp1' }, { ...io, config: atStatuspage(base) }),
  },
];
