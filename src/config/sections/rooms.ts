/** Rooms: a chat room for each declared incident. */
import { z } from 'zod';
import type { RoomPolicy, Texts } from '../../core/model/policy.ts';
import { BUILT_IN_TEXTS, TEXT_NAMES } from '../../core/texts/text.ts';
import { type Compiling, type Item, targetWith } from '../context.ts';
import { nonEmptyText } from '../words.ts';
import { below } from '../yaml-file.ts';
import { checkTemplate } from './texts.ts';

export const roomsShape = z
  .strictObject({
    via: nonEmptyText('A target that can open rooms.'),
    name: nonEmptyText('Name of a room, e.g. `inc-{{date}}-{{slug}}`.').optional(),
  })
  .meta({ description: 'A chat room for each declared incident.' });

/** The room of each declared incident; null: none is opened. */
export function buildRoom(
  compiling: Compiling,
  [item]: readonly Item<z.output<typeof roomsShape>>[],
  texts: Texts,
): RoomPolicy | null {
  if (item === undefined || item.value === null) return null;
  const { value, spot } = item;
  const target = targetWith(compiling, { name: value.via, spot: below(spot, 'via') }, 'chat');
  if (target !== null && target.adapter.chat?.openRoom === undefined)
    compiling.report.error(
      below(spot, 'via'),
      `target ${target.name} (${target.adapter.name}) can chat but opens no rooms`,
      'Leave rooms out: updates go to the channels of the teams.',
    );
  const name = value.name ?? texts['room.name'] ?? BUILT_IN_TEXTS['room.name'];
  checkTemplate(compiling, name, { spot: below(spot, 'name'), names: TEXT_NAMES });
  return { target: value.via, name };
}
