/**
 * Open connections, by whose they are. Each client may have so many, and all together so many: who wants more loses the
 * one that has been idle for longest, so that nobody keeps the others out, nor its own next request.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Log } from '../contract/adapter.ts';
import type { Clock } from '../engine/clock.ts';
import { countedAs, type Networks } from '../lib/networks.ts';
import { plainAddress } from '../lib/private-address.ts';

export interface ConnectionLimits {
  /** Of all clients together. */
  readonly connections: number;
  /** Of one client; a trusted proxy, which speaks for many, may have all but this many. */
  readonly connectionsPerClient: number;
}

export interface ConnectionsOptions {
  readonly limits: ConnectionLimits;
  readonly trusted: Networks;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Log;
}

export interface Connections {
  /** Holds the connection of the request until it is answered. */
  answering(request: IncomingMessage, response: ServerResponse): void;
}

/** A proxy must be the one that closes what is idle, or a request that it sends at that moment is lost. Most wait 60 s. */
const PROXY_IDLE_MS = 65_000;
const TOLD_EVERY_MS = 60_000;

interface Client {
  readonly name: string;
  readonly isProxy: boolean;
  /** Without a request in hand, in the order in which they became so. */
  readonly idle: Set<Socket>;
  readonly busy: Map<Socket, number>;
}

function sizeOf({ idle, busy }: Client): number {
  return idle.size + busy.size;
}

/** Who has most of them, of those that have one to spare. */
function largest(clients: Iterable<Client>): Client | null {
  let found: Client | null = null;
  for (const client of clients)
    if (client.idle.size > 0 && (found === null || sizeOf(client) > sizeOf(found))) found = client;
  return found;
}

/** Says once a minute that somebody has too many. */
function createTelling({ clock, log }: ConnectionsOptions): (client: Client) => void {
  let toldAt = -Infinity;
  let closed = 0;
  return ({ name }) => {
    closed += 1;
    if (clock.monotonic() - toldAt < TOLD_EVERY_MS) return;
    toldAt = clock.monotonic();
    log.warn(
      { client: name, closed },
      'a client has more connections than it may; some are closed',
    );
    closed = 0;
  };
}

/** Who has how many. `closed` undoes `opened`, whoever closes. */
function createShares(options: ConnectionsOptions) {
  const { limits, trusted } = options;
  const { connections: total, connectionsPerClient: each } = limits;
  const clients = new Map<string, Client>();
  const owners = new Map<Socket, Client>();
  const tell = createTelling(options);

  const clientOf = (socket: Socket): Client => {
    const address = plainAddress(socket.remoteAddress ?? 'unknown');
    const isProxy = trusted.has(address);
    const name = isProxy ? address : countedAs(address);
    const known = clients.get(name);
    if (known !== undefined) return known;
    const client = { name, isProxy, idle: new Set<Socket>(), busy: new Map<Socket, number>() };
    clients.set(name, client);
    return client;
  };
  const closed = (socket: Socket): void => {
    const client = owners.get(socket);
    if (client === undefined) return;
    owners.delete(socket);
    client.idle.delete(socket);
    client.busy.delete(socket);
    if (sizeOf(client) === 0) clients.delete(client.name);
  };
  const end = (socket: Socket): void => {
    closed(socket);
    socket.destroy();
  };
  const isRoomMade = (client: Client | null): boolean => {
    const [oldest] = client?.idle ?? [];
    if (oldest === undefined) return false;
    end(oldest);
    return true;
  };
  const opened = (socket: Socket): void => {
    const client = clientOf(socket);
    const most = client.isProxy ? total - each : each;
    const isOver = sizeOf(client) >= most;
    if (isOver) tell(client);
    const isFull = !isOver && owners.size >= total;
    if ((isOver && !isRoomMade(client)) || (isFull && !isRoomMade(largest(clients.values())))) {
      if (sizeOf(client) === 0) clients.delete(client.name);
      return void socket.destroy();
    }
    // Making room may have taken its last one, and the client with it.
    clients.set(client.name, client);
    owners.set(socket, client);
    client.idle.add(socket);
  };
  return { opened, closed, ownerOf: (socket: Socket) => owners.get(socket) };
}

/** Limits the connections of the server from now on. */
export function limitConnections(server: Server, options: ConnectionsOptions): Connections {
  const shares = createShares(options);
  server.on('connection', (socket: Socket) => {
    socket.once('close', () => shares.closed(socket));
    shares.opened(socket);
  });
  return {
    answering: ({ socket }, response) => {
      const client = shares.ownerOf(socket);
      if (client === undefined) return;
      client.idle.delete(socket);
      client.busy.set(socket, (client.busy.get(socket) ?? 0) + 1);
      response.on('close', () => {
        const left = (client.busy.get(socket) ?? 0) - 1;
        if (left > 0) return void client.busy.set(socket, left);
        const isOpen = client.busy.delete(socket) && !socket.destroyed;
        if (isOpen) client.idle.add(socket);
        if (isOpen && client.isProxy) socket.setTimeout(PROXY_IDLE_MS);
      });
    },
  };
}
