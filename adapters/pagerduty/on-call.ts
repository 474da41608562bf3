/** Who is on call on a schedule. Read ahead and cached by the engine, never on the way to a page. */
import { z } from 'zod';
import { instantOf, isoOf } from '../../src/contract/index.ts';
import type { Io, OnCallPart, OnCallPerson, ReadResult } from '../../src/contract/index.ts';
import { PAGES_MAX, read, readList } from './api.ts';
import type { Config } from './config.ts';

const user = z.object({
  id: z.string().min(1),
  name: z.string().nullish().catch(null),
  summary: z.string().nullish().catch(null),
  email: z.string().nullish().catch(null),
});

/** `start` and `end` are null for somebody who is always on call. */
const entry = z.object({
  user,
  schedule: z.object({ id: z.string() }),
  start: z.string().nullish().catch(null),
  end: z.string().nullish().catch(null),
});

function personOf(found: z.infer<typeof user>): OnCallPerson {
  return { id: found.id, name: found.name ?? found.summary ?? null, email: found.email ?? null };
}

function isAt({ start, end }: z.infer<typeof entry>, at: number): boolean {
  const [from, to] = [instantOf(start), instantOf(end)];
  return (from === null || from <= at) && (to === null || at < to);
}

const users = z.object({ users: z.array(user) });

/** `/oncalls` speaks only of schedules that an escalation policy uses; a schedule on its own names its users itself. */
async function fromSchedule(
  id: string,
  at: number,
  io: Io<Config>,
): Promise<ReadResult<readonly OnCallPerson[]>> {
  const path = `/schedules/${encodeURIComponent(id)}/users`;
  const query = [
    ['since', isoOf(at)],
    ['until', isoOf(at + 1000)],
  ] as const;
  const found = await read(io, { method: 'GET', path, query }, users);
  // Shift-based (v3) schedules are no objects of this API.
  if (!found.ok && found.reason === 'not_found') return { ok: true, data: [] };
  return found.ok ? { ok: true, data: found.data.users.map(personOf) } : found;
}

export const onCall: OnCallPart<Config> = {
  async whoIsOn(schedule, at, io) {
    const listed = await readList(io, {
      path: '/oncalls',
      query: [
        ['schedule_ids[]', schedule.id],
        ['since', isoOf(at)],
        ['until', isoOf(at + 1000)],
        ['include[]', 'users'],
      ],
      list: 'oncalls',
      pagesMax: PAGES_MAX,
    });
    if (!listed.ok) return listed;
    const people = new Map<string, OnCallPerson>();
    for (const item of listed.data.items) {
      const parsed = entry.safeParse(item);
      if (!parsed.success || parsed.data.schedule.id !== schedule.id || !isAt(parsed.data, at))
        continue;
      // One schedule on several levels or policies is listed once for each.
      people.set(parsed.data.user.id, personOf(parsed.data.user));
    }
    if (people.size > 0) return { ok: true, data: [...people.values()] };
    return fromSchedule(schedule.id, at, io);
  },
};
