/**
 * Preloaded into a real server (`node --import`): its wall clock is as far beside the machine's as a file says, at each look;
 * its monotonic clock is the machine's. That is what a process sees whose wall clock somebody sets.
 */
import { openSync, readSync } from 'node:fs';
import { WALL_BYTES, WALL_FILE } from './wall.ts';

const path = process.env[WALL_FILE];
if (path === undefined) throw new Error(`${WALL_FILE} names no file`);
const file = openSync(path, 'r');
const bytes = Buffer.alloc(WALL_BYTES);
const Machine = globalThis.Date;

function now(): number {
  readSync(file, bytes, 0, WALL_BYTES, 0);
  return Machine.now() + Number(bytes.toString('latin1'));
}

globalThis.Date = new Proxy(Machine, {
  construct: (target, given: [], made) =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, made) as object,
  get: (target, name) => (name === 'now' ? now : (Reflect.get(target, name) as unknown)),
});
