/**
 * Refuses whatever would leave this machine: connections, datagrams, questions to name servers. It lies as low as
 * JavaScript reaches, under every client there is; unix sockets and loopback stay open.
 */
import dgram from 'node:dgram';
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { BlockList, isIP, type LookupFunction, Socket, type TcpSocketConnectOpts } from 'node:net';

/** Thrown where a test, or a process of a test, asks for more than loopback. */
export class BeyondLoopback extends Error {
  override readonly name = 'BeyondLoopback';
}

/** Notes what was asked for, and returns the words of the error. */
export type Note = (what: string) => string;

type Anything = (this: unknown, ...args: unknown[]) => unknown;
type Members = Record<string, unknown>;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether an address, or the name of a host, is this machine by itself. */
function isHere(host: string): boolean {
  const plain = host.replace(/^::ffff:(?=\d+\.)/i, '');
  const version = isIP(plain);
  if (version === 0) return /^(?:.+\.)?localhost\.?$/i.test(host);
  return LOOPBACK.check(plain, version === 6 ? 'ipv6' : 'ipv4');
}

function wrap(members: object, name: string, around: (real: Anything) => Anything): void {
  const real = (members as Members)[name];
  if (typeof real === 'function')
    Object.defineProperty(members, name, { value: around(real as Anything) });
}

/** A resolver of a client's own may answer what it likes: what it answers is judged. */
function judgedLookup(
  { lookup, port }: Options & { readonly lookup: LookupFunction },
  refused: (host: string) => Error,
): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      const all = Array.isArray(found) ? found.map(({ address }) => address) : [found];
      const beyond = error === null ? all.find((address) => !isHere(address)) : undefined;
      if (beyond === undefined) return callback(error, found, family);
      return callback(refused(`${hostname} at ${beyond}:${port ?? '?'}`), '', 0);
    });
}

type Options = Partial<TcpSocketConnectOpts> & { readonly path?: unknown };

/** `net.connect` hands its arguments over in an array; everybody else as options, or as port and host. */
function optionsOf(args: readonly unknown[]): Options {
  const [first, second] = args;
  if (typeof first === 'object' && first !== null)
    return (Array.isArray(first) ? first[0] : first) as Options;
  if (typeof first === 'string' && !(Number(first) >= 0)) return { path: first };
  return { port: Number(first), ...(typeof second === 'string' ? { host: second } : {}) };
}

function guardSockets(refused: (host: string) => Error): void {
  wrap(Socket.prototype, 'connect', (real) => {
    return function connectGuarded(this: unknown, ...args) {
      const options = optionsOf(args);
      const host = options.host ?? 'localhost';
      if (typeof options.path === 'string' || isHere(host)) return real.apply(this, args);
      const { lookup } = options;
      if (isIP(host) !== 0 || lookup === undefined) throw refused(`${host}:${options.port ?? '?'}`);
      const judged = { ...options, lookup: judgedLookup({ ...options, lookup }, refused) };
      if (Array.isArray(args[0])) args[0][0] = judged;
      else args[0] = judged;
      return real.apply(this, args);
    };
  });
}

function guardDatagrams(refused: (host: string) => Error): void {
  for (const name of ['send', 'connect'])
    wrap(dgram.Socket.prototype, name, (real) => {
      return function sendGuarded(this: unknown, ...args) {
        const host = args.slice(1).find((one) => typeof one === 'string') ?? 'localhost';
        if (!isHere(host)) throw refused(`${host} (datagram)`);
        return real.apply(this, args);
      };
    });
}

/** Asks name servers by itself, past every socket of JavaScript. */
const QUESTIONS = /^(?:resolve.*|reverse|lookup|lookupService)$/;

function guardNames(refused: (host: string) => Error): void {
  const resolvers = [dns.Resolver.prototype, dns.promises.Resolver.prototype];
  for (const members of [dns, dns.promises, ...resolvers]) {
    const inherited = Object.getOwnPropertyNames(Object.getPrototypeOf(members) ?? {});
    for (const name of new Set([...Object.getOwnPropertyNames(members), ...inherited])) {
      if (!QUESTIONS.test(name)) continue;
      wrap(members, name, (real) => {
        return function askGuarded(this: unknown, ...args) {
          const host = String(args[0]);
          // An address is looked up without asking anybody, as `listen` does.
          const isOwn = name === 'lookup' && (isIP(host) !== 0 || isHere(host));
          if (!isOwn) throw refused(`${host} (its address)`);
          return real.apply(this, args);
        };
      });
    }
  }
}

/** Stands from now on until the process ends. */
export function install(note: Note): void {
  const refused = (host: string): Error => new BeyondLoopback(note(host));
  guardSockets(refused);
  guardDatagrams(refused);
  guardNames(refused);
  // Whoever imported a function by its name has the guarded one from now on.
  syncBuiltinESMExports();
}
