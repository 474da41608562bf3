/**
 * The ids that Tocsin makes, as values: pages, drafts, effects, and the keys by which vendors know what is ours. Here and
 * nowhere else they become texts, and values again. What stands in a vendor's text is never recognised by how it begins.
 */
import type { Instant } from './alert.ts';
import { escaped, keyText, plain } from './key-text.ts';

/** Of a page, in its incident. */
export type PageId = `p${number}`;
/** Of a public post, in its incident. */
export type DraftId = `d${number}`;
export type EffectId = `${string}/${number}/${number}`;

/** An effect of a decision: the n-th, from 0, that follows from the event with which its incident is at the version. */
export interface EffectKey {
  readonly incident: string;
  readonly version: number;
  readonly index: number;
}

/** A ring that Tocsin asked for: the n-th of the page, from 1. */
export interface RingKey {
  readonly instance: string;
  /** Of the record by which it was asked for, see `Lookups`; empty: nobody had to go on with less of it by then. */
  readonly incarnation: string;
  readonly incident: string;
  readonly page: PageId;
  readonly number: number;
}

const PAGE = /^p[1-9][0-9]{0,8}$/;
const DRAFT = /^d[1-9][0-9]{0,8}$/;
/** Installation, incident, page and, behind dots, an incarnation, and the number of a ring that is not its page's first. */
const RING = /^tocsin\/([^/]*)\/([^/]*)\/([^/.]*)(?:\.([a-z][0-9a-z]*))?(?:\.([0-9]+))?$/;

/** Of the n-th page of an incident, from 1. */
export function encodePage(number: number): PageId {
  return `p${number}`;
}

/** Of the n-th draft of an incident, from 1. */
export function encodeDraft(number: number): DraftId {
  return `d${number}`;
}

/** Null: no page goes by that. */
export function decodePage(text: string): PageId | null {
  return PAGE.test(text) ? (text as PageId) : null;
}

/** Null: no draft goes by that. */
export function decodeDraft(text: string): DraftId | null {
  return DRAFT.test(text) ? (text as DraftId) : null;
}

/** Effects are only compared, so there is no way back. */
export function encodeEffect({ incident, version, index }: EffectKey): EffectId {
  return `${escaped(incident, '/')}/${version}/${index}`;
}

/** The dedup key of a ring at its vendor, unlike that of every other; vendors' limit of 255 characters is far away. */
export function encodeRing({ instance, incarnation, incident, page, number }: RingKey): string {
  const key = `tocsin/${escaped(instance, '/')}/${escaped(incident, '/')}/${page}`;
  const own = incarnation === '' ? key : `${key}.${incarnation}`;
  return number === 1 ? own : `${own}.${number}`;
}

/** Null: no Tocsin asked for a ring under that key. */
export function decodeRing(key: string): RingKey | null {
  const [, instance = '', incident = '', of = '', incarnation = '', number = '1'] =
    RING.exec(key) ?? [];
  const page = decodePage(of);
  if (page === null) return null;
  const ring = {
    instance: plain(instance),
    incarnation,
    incident: plain(incident),
    page,
    number: Number(number),
  };
  // Another spelling of it is not what was made here.
  return encodeRing(ring) === key ? ring : null;
}

/** The key under which a vendor's own ring is kept that has none there. */
export function encodeAdopted(ref: string): string {
  return keyText('ref', ref);
}

/** By which a vendor's public incident is found again as ours. */
export function encodePublicToken({
  instance,
  incident,
}: Pick<RingKey, 'instance' | 'incident'>): string {
  return keyText('tocsin', instance, incident);
}

/** A page about Tocsin itself that no incident stands behind: the n-th of an outage, from 1. */
export interface DirectKey {
  /** Of the data directory. */
  readonly installation: string;
  readonly name: string;
  /** When the outage of that name began; a whole number that is not negative. */
  readonly since: Instant;
  readonly number: number;
}

const DIRECT = /^tocsin\/[^/]*\/direct\/[^/]*\/[0-9a-z]+\/[1-9][0-9]*$/;
const RADIX = 36;

/** The dedup key of such a page at its vendor; no ring of an incident has one of as many parts. */
export function encodeDirect({ installation, name, since, number }: DirectKey): string {
  return `tocsin/${escaped(installation, '/')}/direct/${escaped(name, '/')}/${since.toString(RADIX)}/${number}`;
}

/** Whether a vendor's object was made for such a page, by any installation. */
export function isDirect(key: string): boolean {
  return DIRECT.test(key);
}
