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

/** The address with a port of its own, where any would do. */
export async function addressOf({ host, port }: Listen): Promise<Listen> {
  return { host, port: port === 0 ? await freePort(host) : port };
}
