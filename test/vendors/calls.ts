/** What a method of an adapter must ask of its vendor, and how such a row is played. */
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import nock from 'nock';
import { onTestFinished } from 'vitest';
import type { AnyAdapter, Io } from '../../src/contract/index.ts';
import { systemClock } from '../../src/engine/clock.ts';
import type { ResolveHost } from '../../src/engine/outgoing/address-guard.ts';
import { createHttpClient } from '../../src/engine/outgoing/http-client.ts';
import { TEST_NOW } from '../support/io.ts';

/** One request, as the vendor documents it, and an answer to it as the vendor gives it. */
export interface VendorCall {
  /** Name of one of the hosts of the row's vendor. */
  readonly host: string;
  /** Method and path with query, as they stand in the first line of the request. */
  readonly asks: string;
  /** What the body must hold; more may stand in it. */
  readonly json?: object;
  readonly status: number;
  readonly answer: unknown;
  readonly answerHeaders?: Readonly<Record<string, string>>;
}

export interface MethodRow {
  /** `part.method` */
  readonly method: string;
  readonly what: string;
  readonly args: readonly unknown[];
  /** Beside the configuration of the vendor. */
  readonly config?: object;
  readonly calls: readonly VendorCall[];
  /** What comes of it, in part. */
  readonly result: unknown;
}

/** A place where accounts of the vendor live, and how a configuration says so; never by `base_url` where it can be said without. */
export interface Place {
  readonly name: string;
  readonly config: object;
  readonly hosts: Readonly<Record<string, string>>;
}

export interface Vendor {
  readonly adapter: AnyAdapter;
  readonly config: object;
  readonly places: readonly Place[];
  /** By host: what each request to it must bear; any other header but those of every request is one too many. */
  readonly headers: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Beside those, on requests that change something. */
  readonly headersOfChanges?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly rows: readonly MethodRow[];
}

/** A request as it arrived. */
export interface Arrived {
  readonly host: string;
  readonly asks: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json: unknown;
}

/** Functions of an adapter that make requests, as `part.method`. */
export function methodsOf(adapter: AnyAdapter): readonly string[] {
  const { poll, pager, onCall, statusPage, chat, doctor } = adapter;
  const quiet = ['pager.personAddress', 'pager.lacks'];
  return Object.entries({ poll, pager, onCall, statusPage, chat, doctor })
    .flatMap(([part, members]) =>
      Object.entries(members ?? {}).flatMap(([name, member]) =>
        typeof member === 'function' ? `${part}.${name}` : [],
      ),
    )
    .filter((method) => !quiet.includes(method));
}

type Connect = (options: object, done: (error: Error | null, socket?: unknown) => void) => unknown;

/**
 * nock lies above the sockets and answers for the resolver as well. So that what is asked passes the guard as it does in
 * production, the lookup which our client gives to each connection is asked first, as a socket would ask it.
 */
function askLookupFirst(): void {
  for (const agent of [http.Agent, https.Agent]) {
    const members = agent.prototype as unknown as { createConnection: Connect };
    const real = members.createConnection;
    members.createConnection = function createGuarded(options, done) {
      const { host, lookup } = options as { host: string; lookup?: LookupFunction };
      if (lookup === undefined) throw new Error(`${host} is connected to past the guard`);
      lookup(host, { all: true }, (error) => {
        if (error !== null) return done(error);
        done(
          null,
          real.call(this, options, () => undefined),
        );
      });
      return undefined;
    };
    onTestFinished(() => void (members.createConnection = real));
  }
}

/** Answers every request in turn, by the host and the path that the row names; everything else is refused by nock. */
function play(calls: readonly VendorCall[], hosts: Place['hosts']): readonly Arrived[] {
  const arrived: Arrived[] = [];
  nock.disableNetConnect();
  for (const call of calls) {
    const [method = '', path = ''] = call.asks.split(' ');
    nock(hosts[call.host] ?? 'https://unknown.invalid')
      .intercept(path, method)
      .reply(async (request: Request) => {
        const { origin, pathname, search } = new URL(request.url);
        const body = await request.clone().text();
        arrived.push({
          host: origin,
          asks: `${request.method} ${pathname}${search}`,
          headers: Object.fromEntries(request.headers),
          json: body === '' ? undefined : (JSON.parse(body) as unknown),
        });
        return [call.status, JSON.stringify(call.answer), call.answerHeaders ?? {}];
      });
  }
  return arrived;
}

/** A public address of nobody in particular. */
export const PUBLIC: ResolveHost = async () => [{ address: '52.88.1.1', family: 4 }];

interface Played {
  readonly result: unknown;
  readonly arrived: readonly Arrived[];
  /** The names that were asked of the resolver, each once for a connection. */
  readonly resolved: readonly string[];
}

/** Plays a row with the real HTTP client, at one of the vendor's places. */
export async function played(
  vendor: Vendor,
  row: MethodRow,
  { place, resolve = PUBLIC }: { readonly place: Place; readonly resolve?: ResolveHost },
): Promise<Played> {
  const resolved: string[] = [];
  askLookupFirst();
  const arrived = play(row.calls, place.hosts);
  const client = createHttpClient({
    clock: systemClock(),
    allow: 'public',
    redact: (text) => text,
    userAgent: 'tocsin/test',
    resolve: (name) => {
      resolved.push(name);
      return resolve(name);
    },
  });
  onTestFinished(() => {
    client.close();
    nock.cleanAll();
    nock.enableNetConnect();
  });
  const quiet = (): void => undefined;
  const io: Io<unknown> = {
    config: vendor.adapter.config?.parse({ ...vendor.config, ...place.config, ...row.config }),
    http: client.scoped({ target: 'x' }),
    now: TEST_NOW,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  };
  const [part = '', name = ''] = row.method.split('.');
  const members = (vendor.adapter as unknown as Record<string, Record<string, unknown>>)[part];
  const method = members?.[name] as (...args: readonly unknown[]) => Promise<unknown>;
  return { result: await method(...row.args, io), arrived, resolved };
}
