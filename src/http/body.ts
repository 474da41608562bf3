/** Reading a request's body as raw bytes, within a limit. */
import type { IncomingMessage } from 'node:http';

export type RawBody =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  /** `drained`: the rest was read and thrown away, so that the connection can go on. */
  | { readonly kind: 'too_large'; readonly drained: boolean }
  /** The client went away; there is nobody to answer. */
  | { readonly kind: 'gone' };

/** How much beyond the limit is read to its end: a client that still sends may never see an answer given before. */
const DRAIN_BYTES = 8_000_000;

function announced(request: IncomingMessage): number {
  const length = Number(request.headers['content-length'] ?? 0);
  return Number.isFinite(length) ? length : 0;
}

/** Whether the announced length is so far over the limit that not even reading on is worth it. */
export function isHopeless(request: IncomingMessage, limit: number): boolean {
  return announced(request) > limit + DRAIN_BYTES;
}

/** Reads the whole body. Never rejects. @param limit bytes */
export function readRaw(request: IncomingMessage, limit: number): Promise<RawBody> {
  return new Promise((resolve) => {
    if (isHopeless(request, limit)) return resolve({ kind: 'too_large', drained: false });
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks.length = 0;
      if (size > limit + DRAIN_BYTES) {
        request.pause();
        resolve({ kind: 'too_large', drained: false });
      }
    });
    request.on('end', () =>
      resolve(
        size > limit
          ? { kind: 'too_large', drained: true }
          : {
              kind: 'bytes',
              bytes: chunks.length === 1 ? (chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(chunks),
            },
      ),
    );
    request.on('error', () => resolve({ kind: 'gone' }));
    request.on('close', () => resolve({ kind: 'gone' }));
  });
}

/** The problem of a body that is too large; the connection is given up where the rest was not read. */
export function tooLarge(limit: number, drained: boolean) {
  return {
    status: 413,
    code: 'too_large',
    detail: `The body must be at most ${limit} bytes.`,
    ...(drained ? {} : { headers: { connection: 'close' } }),
  };
}

/** Headers with lower-case names and one text each. */
export function flatHeaders(request: IncomingMessage): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of Object.keys(request.headers)) {
    const value = request.headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}
