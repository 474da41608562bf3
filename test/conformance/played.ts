/** What the checks that play against a stand-in share: the target set up for it, and a request as it gets it. */
import { Secret } from '../../src/contract/index.ts';
import type { AnyStandIn, HttpRequest, StandInRequest } from '../../src/contract/index.ts';

const HOST = 'http://stand-in.example';

type Raw = Readonly<Record<string, unknown>>;

/** The target's configuration with the hosts of its stand-in. */
export function pointedAt(standIn: AnyStandIn, config: Raw): Raw {
  const hosts = Object.entries(standIn.urls).map(([key, path]) => [key, `${HOST}${path}`]);
  return { ...config, ...Object.fromEntries(hosts) };
}

/** The value with its secrets in clear, as the vendor knows them. */
export function revealed(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  if (Array.isArray(value)) return value.map(revealed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, revealed(one)]));
}

function bodyOf({ json, form }: HttpRequest): string {
  if (form !== undefined) return String(new URLSearchParams(form));
  return json === undefined ? '' : JSON.stringify(json);
}

/** What the host's client says of a body. */
function typeOf({ json, form }: HttpRequest): Readonly<Record<string, string>> {
  if (form !== undefined) return { 'content-type': 'application/x-www-form-urlencoded' };
  return json === undefined ? {} : { 'content-type': 'application/json' };
}

/** The request as the stand-in gets it. */
export function asPlayed(request: HttpRequest): StandInRequest {
  const { method, url, headers = {} } = request;
  const { pathname, searchParams } = new URL(url);
  const named = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...typeOf(request), ...Object.fromEntries(named) },
    body: bodyOf(request),
  };
}
