import { describe, expect, it } from 'vitest';
import type { Truth } from '../contract/index.ts';
import { entryOf } from './truth.ts';
import type { TruthEntry } from './truth.ts';
import { phonesOf, publicPagesOf, roomsOf } from './view.ts';

type PageEvent = Extract<Truth, { kind: 'page' }>['event'];

function page(at: number, event: PageEvent, [address, ref]: readonly [string, string]): TruthEntry {
  const truth = {
    kind: 'page',
    event,
    address,
    urgency: 'high',
    key: null,
    ref,
    title: `about ${ref}`,
  } as const;
  return entryOf(truth, { at, vendor: 'bell', target: 'pd' });
}

function seen(entries: readonly TruthEntry[]): string[] {
  return phonesOf(entries).map(
    ({ address, pages }) =>
      `${address}: ${pages.map(({ ref, state }) => `${ref} ${state}`).join(', ')}`,
  );
}

describe('phones', () => {
  it('ring until somebody answers, wherever the answer came from', () => {
    const entries = [
      page(1, 'rang', ['ada', 'A']),
      page(2, 'rang', ['boss', 'A']),
      page(3, 'acknowledged', ['boss', 'A']),
    ];
    expect(seen(entries.slice(0, 2))).toEqual(['boss: A ringing', 'ada: A ringing']);
    expect(seen(entries)).toEqual(['ada: A acknowledged', 'boss: A acknowledged']);
  });

  it('of one account keep ringing whatever is answered at another one', () => {
    const elsewhere = { ...page(2, 'resolved', ['ada', 'A']), target: 'pd-eu' };
    expect(seen([page(1, 'rang', ['ada', 'A']), elsewhere])).toEqual(['ada: A ringing']);
  });

  it('do not ring for a repeat, and ring again for a new ring', () => {
    const entries = [
      page(1, 'rang', ['ada', 'A']),
      page(2, 'acknowledged', ['ada', 'A']),
      page(3, 'repeated', ['ada', 'A']),
    ];
    expect(seen(entries)).toEqual(['ada: A acknowledged']);
    const again = phonesOf([...entries, page(4, 'rang', ['ada', 'A'])]);
    expect(again).toMatchObject([{ state: 'ringing', pages: [{ rings: 2, at: 4 }] }]);
  });

  it('show what was written beside them, wherever they ring', () => {
    const noted = { ...page(3, 'noted', ['ada', 'A']), note: 'It is for two.' } as const;
    const entries = [page(1, 'rang', ['ada', 'A']), page(2, 'rang', ['boss', 'A']), noted];
    expect(seen(entries)).toEqual(['boss: A ringing', 'ada: A ringing']);
    for (const { pages } of phonesOf(entries))
      expect(pages).toMatchObject([{ notes: ['It is for two.'] }]);
  });

  it('that ring come first, then the last changed; so do the pages of one phone', () => {
    const entries = [
      page(1, 'rang', ['ada', 'A']),
      page(2, 'rang', ['ben', 'B']),
      page(3, 'rang', ['ada', 'C']),
      page(4, 'resolved', ['ada', 'C']),
      page(5, 'rang', ['cleo', 'D']),
      page(6, 'resolved', ['cleo', 'D']),
    ];
    expect(seen(entries)).toEqual([
      'ben: B ringing',
      'ada: A ringing, C resolved',
      'cleo: D resolved',
    ]);
  });
});

function post(
  at: number,
  ref: string,
  more: { status: string; components?: Record<string, string> },
): TruthEntry {
  const { status, components = {} } = more;
  const truth = {
    kind: 'post',
    page: 'Status',
    ref,
    name: `Incident ${ref}`,
    status,
    body: `${status} at ${at}`,
    components,
    notified: false,
  } as const;
  return entryOf(truth, { at, vendor: 'board', target: 'status' });
}

describe('the public page', () => {
  const known = [{ target: 'status', vendor: 'board', components: ['Checkout', 'API'] }];

  it('has its components before anything is posted', () => {
    expect(publicPagesOf([], known)).toEqual([
      {
        target: 'status',
        vendor: 'board',
        name: 'status',
        components: [
          { name: 'Checkout', status: 'operational' },
          { name: 'API', status: 'operational' },
        ],
        incidents: [],
      },
    ]);
  });

  it('has the newest incident and the newest update first, and the last state of each component', () => {
    const entries = [
      post(1, 'i1', { status: 'investigating', components: { API: 'major_outage' } }),
      post(2, 'i2', { status: 'investigating' }),
      post(3, 'i1', {
        status: 'resolved',
        components: { API: 'operational', Search: 'degraded_performance' },
      }),
    ];
    const [shown] = publicPagesOf(entries, known);
    expect(
      shown?.incidents.map(({ name, status, updates }) => [
        name,
        status,
        updates.map(({ at }) => at),
      ]),
    ).toEqual([
      ['Incident i2', 'investigating', [2]],
      ['Incident i1', 'resolved', [3, 1]],
    ]);
    expect(shown?.components.map(({ name, status }) => `${name} ${status}`)).toEqual([
      'Checkout operational',
      'API operational',
      'Search degraded_performance',
    ]);
  });
});

describe('rooms', () => {
  it('are kept apart by target and channel, the last to speak first', () => {
    const said = (at: number, target: string, channel: string): TruthEntry =>
      entryOf(
        { kind: 'message', event: 'posted', channel, text: `${at}`, ref: null },
        { at, vendor: 'chat', target },
      );
    const rooms = roomsOf([
      said(1, 'chat', 'a'),
      said(2, 'chat', 'b'),
      said(3, 'other', 'a'),
      said(4, 'chat', 'a'),
    ]);
    expect(
      rooms.map(({ target, channel, messages }) => [
        target,
        channel,
        messages.map(({ text }) => text),
      ]),
    ).toEqual([
      ['chat', 'a', ['1', '4']],
      ['other', 'a', ['3']],
      ['chat', 'b', ['2']],
    ]);
  });
});
