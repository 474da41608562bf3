/** Slack: messages and incident rooms. https://docs.slack.dev */
import { z } from 'zod';
import { defineAdapter } from '../../src/contract/index.ts';
import { config } from './api.ts';
import { archiveRoom, invite, openRoom, pin, post, setTopic } from './chat.ts';
import { check } from './doctor.ts';

const contact = z
  .string()
  .regex(/^[UW][A-Z0-9]+$/, 'a Slack member id such as U024BE7LH (profile, "Copy member ID")')
  .describe('Slack member id.');

function memberId(value: unknown): string | null {
  const read = contact.safeParse(value);
  return read.success ? read.data : null;
}

export const slack = defineAdapter({
  name: 'slack',
  config,
  contact,
  contactIds: (value) => [memberId(value) ?? []].flat(),
  chatUser: memberId,
  chat: { post, openRoom, setTopic, invite, pin, archiveRoom },
  doctor: { check },
});
