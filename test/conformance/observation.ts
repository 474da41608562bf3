/** `Observation` of the core, written as a strict check: for what `parse` and `poll` answer. */
import { z } from 'zod';

const label = z.record(z.string(), z.string());
const instant = z.number().int().nullable();
export const personSchema = z.strictObject({
  id: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
});
const alertSchema = z.strictObject({
  kind: z.literal('alert'),
  dedupKey: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  title: z.string(),
  description: z.string(),
  labels: label,
  vendorSeverity: z.string().nullable(),
  startsAt: instant,
  observedAt: instant,
  links: z.array(z.strictObject({ url: z.string(), text: z.string() })),
});
const vendorIncidentSchema = z.strictObject({
  kind: z.literal('vendor_incident'),
  action: z.enum([
    'triggered',
    'acknowledged',
    'unacknowledged',
    'resolved',
    'reopened',
    'escalated',
    'reassigned',
    'priority_changed',
    'merged',
    'noted',
  ]),
  ref: z.string().min(1),
  key: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  url: z.string().nullable(),
  labels: label,
  vendorSeverity: z.string().nullable(),
  urgency: z.enum(['high', 'low']).nullable(),
  service: z.strictObject({ id: z.string(), name: z.string().nullable() }).nullable(),
  assignees: z.array(personSchema),
  by: personSchema.nullable(),
  note: z.string().nullable(),
  mergedInto: z.string().nullable(),
  observedAt: instant,
});
export const observationSchema = z.discriminatedUnion('kind', [alertSchema, vendorIncidentSchema]);
