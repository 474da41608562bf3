/** Ways in which a vendor, or what stands before it, breaks a connection, played on real sockets, and what that comes to. */
import type { Socket } from 'node:net';
import { type Certificate, selfSigned } from '../support/certificate.ts';

export const HOST = 'vendor.example';

export interface Failure {
  readonly what: string;
  /** What the resolver says instead of an address. */
  readonly unresolved?: Error;
  /** Nobody listens. */
  readonly closed?: true;
  readonly tls?: {
    readonly certificate: Certificate;
    /** The client trusts it; else it trusts what the system trusts. */
    readonly trusted: boolean;
    /** Wants a certificate of the client, in this version of TLS. */
    readonly demands?: 'TLSv1.2' | 'TLSv1.3';
  };
  /** The name of the URL is asked by TLS, and the server says nothing to that. */
  readonly mute?: true;
  /** What the server does once the whole request is there; it says nothing when absent. */
  readonly answer?: (socket: Socket) => void;
  /** The clock of the client moves so far, once the server has the connection or the request. */
  readonly waits?: { readonly from: 'connected' | 'arrived'; readonly ms: number };
  readonly comesTo: {
    readonly reason: 'network' | 'timeout';
    /** The vendor may have done it: a page is repeated under its key, a post is looked for first. */
    readonly ambiguous: boolean;
  };
}

const NOT_SENT = { reason: 'network', ambiguous: false } as const;
const NOT_CONNECTED = { reason: 'timeout', ambiguous: false } as const;
const IN_DOUBT = { reason: 'network', ambiguous: true } as const;
const TOO_LATE = { reason: 'timeout', ambiguous: true } as const;

/** The time for a connection, and for all of a request. */
const CONNECT = { from: 'connected', ms: 3_000 } as const;
const TOTAL = { from: 'arrived', ms: 10_000 } as const;

function error(code: string): Error {
  return Object.assign(new Error(`getaddrinfo ${code} ${HOST}`), { code, syscall: 'getaddrinfo' });
}

const BEGUN = 'HTTP/1.1 202 Accepted\r\ncontent-type: application/json\r\n';

/** Writes on as long as the other side reads. */
function endlessly(socket: Socket, chunk: string): void {
  const write = (): void => {
    if (socket.destroyed) return;
    if (socket.write(chunk)) setImmediate(write);
    else socket.once('drain', write);
  };
  write();
}

const RESOLVING: readonly Failure[] = ['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'ENODATA'].map(
  (code) => ({
    what: `the name servers answer ${code}`,
    unresolved: error(code),
    comesTo: NOT_SENT,
  }),
);

const CONNECTING: readonly Failure[] = [
  { what: 'nobody listens', closed: true, comesTo: NOT_SENT },
  {
    what: 'the certificate is signed by nobody who is trusted',
    tls: { certificate: selfSigned(HOST), trusted: false },
    comesTo: NOT_SENT,
  },
  {
    what: 'the certificate has expired',
    tls: { certificate: selfSigned(HOST, 2020, 2021), trusted: true },
    comesTo: NOT_SENT,
  },
  {
    what: 'the certificate is not valid yet',
    tls: { certificate: selfSigned(HOST, 2198, 2199), trusted: true },
    comesTo: NOT_SENT,
  },
  {
    what: 'the certificate is for another host',
    tls: { certificate: selfSigned('other.example'), trusted: true },
    comesTo: NOT_SENT,
  },
  {
    what: 'TLS 1.2 demands a certificate of ours',
    tls: { certificate: selfSigned(HOST), trusted: true, demands: 'TLSv1.2' },
    comesTo: NOT_SENT,
  },
  {
    // In TLS 1.3 the client speaks first: nobody knows how much of it was heard.
    what: 'TLS 1.3 demands a certificate of ours',
    tls: { certificate: selfSigned(HOST), trusted: true, demands: 'TLSv1.3' },
    comesTo: IN_DOUBT,
  },
  { what: 'TLS is never answered', mute: true, waits: CONNECT, comesTo: NOT_CONNECTED },
];

const ANSWERING: readonly Failure[] = [
  { what: 'nothing is answered', waits: TOTAL, comesTo: TOO_LATE },
  {
    what: 'nothing is answered under TLS',
    tls: { certificate: selfSigned(HOST), trusted: true },
    waits: TOTAL,
    comesTo: TOO_LATE,
  },
  { what: 'it is closed without a word', answer: (socket) => socket.end(), comesTo: IN_DOUBT },
  {
    what: 'it is reset without a word',
    answer: (socket) => socket.resetAndDestroy(),
    comesTo: IN_DOUBT,
  },
  {
    what: 'it is closed under TLS',
    tls: { certificate: selfSigned(HOST), trusted: true },
    answer: (socket) => socket.destroy(),
    comesTo: IN_DOUBT,
  },
  {
    what: 'what is answered is no HTTP',
    answer: (socket) => socket.end('+OK POP3 ready\r\n'),
    comesTo: IN_DOUBT,
  },
  {
    what: 'it ends in the middle of the headers',
    answer: (socket) => socket.end(BEGUN),
    comesTo: IN_DOUBT,
  },
  {
    what: 'the headers stop',
    answer: (socket) => void socket.write(BEGUN),
    waits: TOTAL,
    comesTo: TOO_LATE,
  },
  {
    what: 'one header never ends',
    answer: (socket) => {
      socket.write(`${BEGUN}x-more: `);
      endlessly(socket, 'x'.repeat(10_000));
    },
    comesTo: IN_DOUBT,
  },
  {
    what: 'there are headers for ever',
    answer: (socket) => {
      socket.write(BEGUN);
      endlessly(socket, `x-more: ${'x'.repeat(1_000)}\r\n`);
    },
    comesTo: IN_DOUBT,
  },
  {
    what: 'early hints come for ever',
    answer: (socket) => endlessly(socket, 'HTTP/1.1 103 Early Hints\r\n\r\n'),
    waits: TOTAL,
    comesTo: TOO_LATE,
  },
];

const BODIES: readonly Failure[] = [
  {
    what: 'it is reset in the middle of the body',
    answer: (socket) => {
      socket.write(`${BEGUN}content-length: 100\r\n\r\n{"status":`, () => socket.resetAndDestroy());
    },
    comesTo: IN_DOUBT,
  },
  {
    what: 'it ends in the middle of the body',
    answer: (socket) => socket.end(`${BEGUN}content-length: 100\r\n\r\n{"status":`),
    comesTo: IN_DOUBT,
  },
  {
    what: 'it ends in the middle of a chunk',
    answer: (socket) => socket.end(`${BEGUN}transfer-encoding: chunked\r\n\r\n40\r\n{"status":`),
    comesTo: IN_DOUBT,
  },
  {
    what: 'it ends before the last chunk',
    answer: (socket) => socket.end(`${BEGUN}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`),
    comesTo: IN_DOUBT,
  },
  {
    what: 'the body stops',
    answer: (socket) => void socket.write(`${BEGUN}content-length: 100\r\n\r\n{"status":`),
    waits: TOTAL,
    comesTo: TOO_LATE,
  },
  {
    what: 'the body never ends',
    answer: (socket) => {
      socket.write(`${BEGUN}\r\n`);
      endlessly(socket, ' '.repeat(10_000));
    },
    comesTo: IN_DOUBT,
  },
  {
    what: 'the body is packed in a way that it is not',
    answer: (socket) => socket.end(`${BEGUN}content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}`),
    comesTo: IN_DOUBT,
  },
];

export const FAILURES: readonly Failure[] = [...RESOLVING, ...CONNECTING, ...ANSWERING, ...BODIES];
