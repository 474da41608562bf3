/** Fields of people and groups: how they are called, reached and recognised. */
import { sentenceOf } from '../../../src/core/model/events.ts';
import { answererOf } from '../../../src/engine/deciding/people.ts';
import type { Loaded } from '../../../src/config/load.ts';
import { OUT, type Case } from './case.ts';
import { after, declared, opened, rings, told } from './world.ts';

const ringing = (minutes: number) => (loaded: Loaded) => rings(after(minutes, opened(loaded)));
const first = (loaded: Loaded): unknown => opened(loaded).pages('pager.trigger')[0]?.effect.address;
/** Whom the vendor means, as we know them. */
const knownAs =
  (vendor: { readonly id: string | null; readonly email: string | null }, type = 'pagerduty') =>
  ({ policy }: Loaded) =>
    answererOf({ name: 'Somebody', ...vendor }, type, policy).by;

const people: readonly Case[] = [
  {
    path: 'people.*.name',
    at: 'people/ann/name',
    values: ['Ann Lee', OUT],
    see: ringing(0),
    sees: [['0 Ann Lee at pd'], ['0 ann at pd']],
  },
  {
    path: 'people.*.email',
    at: 'people/ann/email',
    values: ['ann.lee@example.com', OUT],
    see: knownAs({ id: null, email: 'Ann.Lee@example.com' }),
    sees: ['ann', 'Somebody'],
  },
  {
    path: 'people.*.opsgenie',
    at: 'people/bob/opsgenie',
    values: ['bob@example.com', OUT],
    see: ({ policy }) => policy.people['bob']?.addresses.map(({ target }) => target),
    sees: [['pd', 'og'], ['pd']],
  },
  {
    path: 'people.*.slack',
    at: 'people/eli/slack',
    values: ['UELI', 'UELLY'],
    also: { 'severities/bad/updates/staff/to': ['eli'] },
    see: (loaded) => told(declared(loaded), 'update'),
    sees: [['0 UELI'], ['0 UELLY']],
  },
  {
    path: 'people.*.pagerduty.id',
    at: 'people/ann/pagerduty/id',
    values: ['PANN', 'PANNA'],
    see: knownAs({ id: 'PANN', email: null }),
    sees: ['ann', 'Somebody'],
  },
  {
    path: 'people.*.pagerduty.service.id',
    at: 'people/ann/pagerduty/service/id',
    values: ['PONE', 'PTWO'],
    also: { 'people/ann/pagerduty/service/name': 'Ann' },
    see: first,
    sees: [
      {
        target: 'pd',
        address: { user: { name: 'Ann', id: 'PANN' }, service: { name: 'Ann', id: 'PONE' } },
        label: 'pd service Ann',
      },
      {
        target: 'pd',
        address: { user: { name: 'Ann', id: 'PANN' }, service: { name: 'Ann', id: 'PTWO' } },
        label: 'pd service Ann',
      },
    ],
  },
  {
    path: 'people.*.*.id',
    at: 'people/ann/pd/id',
    values: ['PANN2', 'PANNA'],
    also: { 'people/ann/opsgenie': OUT, 'people/ann/pd/name': 'Ann' },
    see: first,
    sees: [
      { target: 'pd', address: { user: { name: 'Ann', id: 'PANN2' } }, label: 'pd user Ann' },
      { target: 'pd', address: { user: { name: 'Ann', id: 'PANNA' } }, label: 'pd user Ann' },
    ],
  },
  {
    path: 'people.*.*.service.id',
    at: 'people/ann/pd/service/id',
    values: ['PONE', 'PTWO'],
    also: {
      'people/ann/opsgenie': OUT,
      'people/ann/pd': { name: 'Ann', id: 'PANN', service: { name: 'Ann' } },
    },
    see: first,
    sees: [
      {
        target: 'pd',
        address: { user: { name: 'Ann', id: 'PANN' }, service: { name: 'Ann', id: 'PONE' } },
        label: 'pd service Ann',
      },
      {
        target: 'pd',
        address: { user: { name: 'Ann', id: 'PANN' }, service: { name: 'Ann', id: 'PTWO' } },
        label: 'pd service Ann',
      },
    ],
  },
  {
    path: 'groups',
    at: 'groups/chiefs',
    values: [['eli'], ['eli', 'dot']],
    also: { 'services/web/on_call': 'chiefs' },
    see: ringing(0),
    sees: [['0 eli at pd'], ['0 eli at pd', '0 dot at pd']],
  },
];

/** What the timeline says of the first page. */
const paged = (loaded: Loaded): unknown => {
  const page = opened(loaded).last('PageRequested');
  return page === undefined ? null : sentenceOf(page, String).split(':')[0];
};

const called: readonly Case[] = [
  {
    path: 'people.*.pagerduty.name',
    at: 'people/ann/pagerduty/name',
    values: ['Ann', 'Ann Lee'],
    see: paged,
    sees: [
      'ann is paged (high urgency) by pd user Ann',
      'ann is paged (high urgency) by pd user Ann Lee',
    ],
  },
  {
    path: 'people.*.pagerduty.service.name',
    at: 'people/ann/pagerduty/service/name',
    values: ['One', 'Two'],
    also: { 'people/ann/pagerduty/service/id': 'PONE' },
    see: paged,
    sees: [
      'ann is paged (high urgency) by pd service One',
      'ann is paged (high urgency) by pd service Two',
    ],
  },
  {
    path: 'people.*.*.name',
    at: 'people/ann/pd/name',
    values: ['Ann', 'Ann Lee'],
    also: { 'people/ann/opsgenie': OUT, 'people/ann/pd/id': 'PANN' },
    see: paged,
    sees: [
      'ann is paged (high urgency) by pd user Ann',
      'ann is paged (high urgency) by pd user Ann Lee',
    ],
  },
  {
    path: 'people.*.*.service.name',
    at: 'people/ann/pd/service/name',
    values: ['One', 'Two'],
    also: {
      'people/ann/opsgenie': OUT,
      'people/ann/pd': { name: 'Ann', id: 'PANN', service: { id: 'PONE' } },
    },
    see: paged,
    sees: [
      'ann is paged (high urgency) by pd service One',
      'ann is paged (high urgency) by pd service Two',
    ],
  },
];

export const peopleCases: readonly Case[] = [...people, ...called];
