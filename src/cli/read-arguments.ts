/** Reading what people type: each function returns the value, or says what to type instead. */
import { InvalidArgumentError } from 'commander';
import { incidentIdOf } from '../lib/incident-id.ts';
import type { Listen } from './backends.ts';

const PORT_MAX = 65_535;

/** The incident's id for `7`, `#7`, `inc-7`. */
export function readIncident(text: string): string {
  const id = incidentIdOf(text);
  if (/^inc-\w+$/.test(id)) return id;
  throw new InvalidArgumentError('An incident is written 7 or inc-7.');
}

export function readPort(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 0 && port <= PORT_MAX) return port;
  throw new InvalidArgumentError(`A port is a whole number from 0 (any free one) to ${PORT_MAX}.`);
}

/** `HOST:PORT`, `:PORT`, `PORT`, `[::1]:PORT`. */
export function readListen(text: string): Listen {
  const parts = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d+)$/.exec(text);
  if (parts === null)
    throw new InvalidArgumentError(
      'Write HOST:PORT, for example 127.0.0.1:8080 or 0.0.0.0:8080 to be reached from outside.',
    );
  const host = parts[1] ?? parts[2] ?? '';
  return { host: host === '' ? '127.0.0.1' : host, port: readPort(parts[3] ?? '') };
}

export function readSpeed(text: string): number {
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new InvalidArgumentError('A speed is a number above 0; 2 is twice as fast.');
}
