/**
 * The sandbox: one HTTP server on loopback that plays every vendor account of a configuration, delivers the vendors'
 * webhooks, can be told to fail, and knows what really happened.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createControl } from './control.ts';
import type { SandboxClock, SteppedClock } from './clock.ts';
import { answerExchange } from './exchange.ts';
import type { FaultOrder, FaultRule } from './faults.ts';
import { pathBehind } from './mounts.ts';
import type { TruthEntry } from './truth.ts';
import type { SentWebhook } from './webhooks.ts';
import { createWorld, unknownTarget } from './world.ts';
import type { AnswerOrder, AnswerResult, World, WorldOptions } from './world.ts';

export interface SandboxOptions extends WorldOptions {
  /** The clock of the engine under rehearsal. A stepped one waits for the sandbox and can be moved through it. */
  readonly clock: SandboxClock | SteppedClock;
  /** 0 or absent: any free one. */
  readonly port?: number;
  /** `127.0.0.1` when absent. Whatever it is, the addresses of the stand-ins lead to loopback. */
  readonly host?: string | undefined;
}

export interface Sandbox {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Config key -> address, to be laid over the target's configuration. Throws for a target without account. */
  urlsFor(target: string): Readonly<Record<string, string>>;
  /** What really happened so far, in order. */
  truth(): readonly TruthEntry[];
  /** Calls back for everything that happens from now on; returns the way to stop it. */
  watch(listener: (entry: TruthEntry) => void): () => void;
  /** Throws for a target without account. */
  setFault(order: FaultOrder): FaultRule;
  /** Faults in force or still to come. */
  faults(): readonly FaultRule[];
  /** Ends all faults, or those of one target. */
  clearFaults(target?: string): void;
  /** A person at the vendor acknowledges or resolves the page that rings at the address. */
  answer(order: AnswerOrder): AnswerResult;
  /** How the vendors' webhooks ended. */
  deliveries(): readonly SentWebhook[];
  /** Requests being answered and webhooks on their way, without what hangs or waits for the clock. */
  inFlight(): number;
  /** Open requests that hang or wait for the clock: whoever counts requests at the client's end subtracts these. */
  waiting(): number;
  /** Fresh accounts; no truth, no faults, no pending webhooks. */
  reset(): void;
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Throws when the port is taken, a stand-in is missing, or two targets would have one address. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, host = LOOPBACK, port = 0 } = options;
  const world = createWorld(options);
  const control = createControl(world, clock);
  const server = createServer((request, response) => {
    const url = urlOf(request);
    if (url === null) return void response.writeHead(400).end();
    if (!serveVendor({ world, request, response, url })) control.serve({ request, response, url });
  });
  // Idle connections stay open: one closed by real time amid a stepped run would be a failure nobody asked for.
  server.keepAliveTimeout = 0;
  // Every interface, which is all that it may be beside loopback, has loopback among them.
  const url = `http://${LOOPBACK}:${await listen(server, host, port)}`;
  if ('busy' in clock) clock.busy(world.inFlight, 'requests and webhooks of the sandbox');
  return {
    url,
    urlsFor: (target) => urlsFor(world, url, target),
    truth: world.truth,
    watch: world.watch,
    setFault: world.setFault,
    faults: world.faults,
    clearFaults: (target) => void world.clearFaults(target === undefined ? {} : { target }),
    answer: world.answer,
    deliveries: world.deliveries,
    inFlight: world.inFlight,
    waiting: world.traffic.waiting,
    reset: world.reset,
    async close() {
      world.close();
      control.close();
      const closed = new Promise<void>((done) => void server.close(() => done()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function urlOf(request: IncomingMessage): URL | null {
  return URL.parse(`http://sandbox${request.url ?? '/'}`);
}

interface Visitor {
  readonly world: World;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

/** Whether the request is for a vendor; then it is answered there. */
function serveVendor({ world, request, response, url }: Visitor): boolean {
  const found = world.mounted.find(({ mount }) => pathBehind(mount, url.pathname) !== null);
  if (found === undefined) return false;
  const { account, mount } = found;
  const path = pathBehind(mount, url.pathname) ?? '';
  const fault = world.strike({ target: account.target, method: request.method ?? 'GET', path });
  const visit = world.traffic.enter(response);
  const { clock } = world;
  void answerExchange({
    request,
    response,
    account,
    path,
    query: url.searchParams,
    fault,
    visit,
    clock,
  });
  return true;
}

function urlsFor(world: World, url: string, target: string): Readonly<Record<string, string>> {
  const found = world.mounted.find(({ account }) => account.target === target);
  if (found === undefined)
    throw new Error(
      unknownTarget(
        target,
        world.mounted.map(({ account }) => account),
      ),
    );
  const keys = Object.entries(found.standIn.urls);
  return Object.fromEntries(keys.map(([key, prefix]) => [key, `${url}${found.mount}${prefix}`]));
}

/** Returns the port. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === 'EADDRINUSE';
      failed(
        isTaken
          ? new Error(`Port ${port} on ${host} is in use; choose another one for the sandbox.`)
          : error,
      );
    });
    server.listen(port, host, () => {
      const address = server.address();
      listening(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
