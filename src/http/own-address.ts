/** Where the server is to be reached, which others must know before it listens. */
import { createServer } from 'node:net';

interface Listen {
  readonly host: string;
  readonly port: number;
}

/** A port that is free now. */
async function freePort(host: string): Promise<number> {
  const server = createServer();
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, host, listening);
  });
  const address = server.address();
  await new Promise<void>((closed) => void server.close(() => closed()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** `http://127.0.0.1:8080`, without a slash at the end. */
export function urlOf({ host, port }: Listen): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const EVERYWHERE: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** The same from inside the machine, which reaches every interface by loopback. */
export function innerUrlOf({ host, port }: Listen): string {
  return urlOf({ host: EVERYWHERE[host] ?? host, port });
}

/** The address with a port of its own, where any would do. */
export async function addressOf({ host, port }: Listen): Promise<Listen> {
  return { host, port: port === 0 ? await freePort(host) : port };
}
