/**
 * Opens connections in a process of its own, each anew as soon as it is closed, and says so once a second.
 * Arguments: port, how many, the address to come from, and what to send at the beginning of each.
 */
import { connect } from 'node:net';

const [port = '', count = '', localAddress = '', first = ''] = process.argv.slice(2);
let opened = 0;

function one(): void {
  const socket = connect({ host: '127.0.0.1', port: Number(port), localAddress });
  socket.on('connect', () => {
    opened += 1;
    if (first !== '') socket.write(first);
    if (opened === Number(count)) process.stdout.write('all are open\n');
  });
  socket.on('data', () => undefined);
  socket.on('error', () => undefined);
  socket.on('close', () => void setImmediate(one));
}

for (let i = 0; i < Number(count); i += 1) one();
