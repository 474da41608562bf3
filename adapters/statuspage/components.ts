/** Reading the page: its components, and whether the configuration agrees with it. */
import { z } from 'zod';
import { jsonOf } from '../../src/contract/index.ts';
import type { Finding, Io, ReadResult } from '../../src/contract/index.ts';
import { component, isSuccess, page, refusal, send } from './api.ts';
import type { Config } from './api.ts';

/** Rows of one answer at most: https://developer.statuspage.io/#operation/getPagesPageIdComponents */
const PAGE_SIZE = 100;
/** 2 000 components; a page that has more is cut there rather than read for ever. */
const PAGES_MAX = 20;

interface Component {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

/** Every component of the page that can be named in an incident; groups cannot. */
export async function components(io: Io<Config>): Promise<ReadResult<readonly Component[]>> {
  const found: Component[] = [];
  for (let number = 1; number <= PAGES_MAX; number += 1) {
    const answer = await send(io, {
      method: 'GET',
      path: `/components?page=${number}&per_page=${PAGE_SIZE}`,
    });
    if (!isSuccess(answer)) {
      const { reason, detail } = refusal(answer, io.now);
      return { ok: false, reason, detail };
    }
    const read = z.array(component).safeParse(jsonOf(answer));
    if (!read.success)
      return {
        ok: false,
        reason: 'server_error',
        detail: `HTTP ${answer.status} without readable components`,
      };
    found.push(
      ...read.data
        .filter(({ group }) => group !== true)
        .map(({ id, name, status }) => ({ id, name, status })),
    );
    if (read.data.length < PAGE_SIZE) break;
  }
  return { ok: true, data: found };
}

/** Whole names: one that is cut off could not be looked for. */
const NAMED_MAX = 10;

function listed(existing: readonly Component[]): string {
  if (existing.length === 0) return 'no components';
  const names = existing.slice(0, NAMED_MAX).map(({ id, name }) => `${name} (${id})`);
  const more = existing.length - names.length;
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function compared(
  wanted: { readonly id: string; readonly name: string },
  existing: readonly Component[],
): Finding {
  const byId = existing.find(({ id }) => id === wanted.id);
  if (byId !== undefined && byId.name === wanted.name)
    return { level: 'ok', what: `component ${wanted.name} (${wanted.id}) exists`, hint: '' };
  if (byId !== undefined) {
    const what = `component ${wanted.id} is called ${byId.name} on the page, ${wanted.name} in the configuration`;
    return { level: 'warning', what, hint: `Write name: ${byId.name}, or correct the id.` };
  }
  const byName = existing.find(({ name }) => name === wanted.name);
  const hint =
    byName === undefined
      ? `The page has: ${listed(existing)}.`
      : `The page has a component of that name: write id: ${byName.id}.`;
  return {
    level: 'problem',
    what: `component ${wanted.name} (${wanted.id}) does not exist on the page`,
    hint,
  };
}

/** Checks key, page and components. Reads only. */
export async function check(
  subject: { readonly components: readonly { readonly id: string; readonly name: string }[] },
  io: Io<Config>,
): Promise<readonly Finding[]> {
  const answer = await send(io, { method: 'GET', path: '' });
  if (!isSuccess(answer)) {
    const read = refusal(answer, io.now);
    const hint =
      read.verb === 'reject' ? read.hint : 'Statuspage did not answer properly; try again later.';
    return [
      { level: 'problem', what: `page ${io.config.page_id} cannot be read: ${read.detail}`, hint },
    ];
  }
  const read = page.safeParse(jsonOf(answer));
  if (!read.success)
    return [
      {
        level: 'problem',
        what: `what answers at ${io.config.base_url} is not Statuspage`,
        hint: 'Compare base_url with the vendor: https://api.statuspage.io/v1',
      },
    ];
  const first: Finding = {
    level: 'ok',
    what: `page ${read.data.name} (${io.config.page_id}) can be read`,
    hint: '',
  };
  if (subject.components.length === 0) return [first];
  const existing = await components(io);
  if (!existing.ok)
    return [
      first,
      {
        level: 'problem',
        what: `the components cannot be read: ${existing.detail}`,
        hint: 'Statuspage did not answer properly; try again later.',
      },
    ];
  return [first, ...subject.components.map((wanted) => compared(wanted, existing.data))];
}
