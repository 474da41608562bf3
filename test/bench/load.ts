/** A load generator in a process of its own: keep-alive sockets, requests prepared ahead, answers counted by status. */
import { connect } from 'node:net';
import { bodyOf, trafficBody } from './body.ts';

const [
  portText = '',
  path = '/',
  secondsText = '5',
  connectionsText = '64',
  seedText = '0',
  traffic = '',
  to = 'tocsin',
] = process.argv.slice(2);
const port = Number(portText);
const until = performance.now() + Number(secondsText) * 1000;
let sent = Number(seedText);
let open = 0;
const statuses = new Map<string, number>();

function requestOf(): string {
  sent += 1;
  const body =
    traffic === ''
      ? bodyOf(sent, { groups: 200 })
      : trafficBody(traffic, sent, to === 'alertmanager' ? to : 'tocsin');
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer bench-token\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

function client(): void {
  const socket = connect(port, '127.0.0.1');
  open += 1;
  let received = '';
  socket.setNoDelay(true);
  socket.on('connect', () => socket.write(requestOf()));
  socket.on('data', (part) => {
    received += part.toString('latin1');
    const end = received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
    const isChunked = /transfer-encoding: chunked/i.test(received.slice(0, end));
    if (isChunked ? !received.endsWith('0\r\n\r\n') : received.length < end + 4 + length) return;
    const status = received.slice(9, 12);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    received = '';
    if (performance.now() < until) socket.write(requestOf());
    else socket.end();
  });
  socket.on('error', () => statuses.set('error', (statuses.get('error') ?? 0) + 1));
  socket.on('close', () => {
    open -= 1;
    if (open === 0)
      process.stdout.write(
        `${JSON.stringify({ statuses: Object.fromEntries(statuses), last: sent })}\n`,
      );
  });
}

for (let i = 0; i < Number(connectionsText); i += 1) client();
