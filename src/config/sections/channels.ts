/** A channel at a chat target: how it is written, and what it becomes. */
import { z } from 'zod';
import { type Compiling, targetWith } from '../context.ts';
import { nonEmptyText } from '../words.ts';
import { below, type Spot } from '../yaml-file.ts';

export interface ChannelYaml {
  readonly via: string;
  readonly channel: string;
}

/** A channel at a chat target. */
export function channelShape(description: string): z.ZodType<ChannelYaml> {
  return z
    .strictObject({
      via: nonEmptyText('A target that can chat.'),
      channel: nonEmptyText('Channel name or id at that target.'),
    })
    .meta({ description });
}

/** A channel at a chat target; null when there is none. */
export function channelOf(
  compiling: Compiling,
  yaml: ChannelYaml | undefined,
  spot: Spot,
): { readonly target: string; readonly channel: string } | null {
  if (yaml === undefined) return null;
  const target = targetWith(compiling, { name: yaml.via, spot: below(spot, 'via') }, 'chat');
  return target === null ? null : { target: target.name, channel: yaml.channel };
}
