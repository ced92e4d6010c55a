// The receiving side of fanout.1000: plain sockets that count bytes, because a real WebSocket client each would cost more
// than the server that is measured. Arguments: port, number of clients, and as JSON the
// messages of which each client sends one in turn. Messages: `{connected}`, then `{bytes}` when asked.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const port = Number(process.argv[2]);
const count = Number(process.argv[3]);
const SUBSCRIBE = '{"action":"subscribe","channels":["trades"],"symbols":["AAPL"]}';
const messages = JSON.parse(process.argv[4] ?? JSON.stringify([SUBSCRIBE])) as string[];
const AT_ONCE = 50;
let bytes = 0;
let opening = 0;

/** A masked text frame (RFC 6455, 5.3) with the mask 0, shorter than 126 bytes. */
function maskedFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}

const HANDSHAKE = [
  'GET /ws HTTP/1.1',
  `Host: 127.0.0.1:${port}`,
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version: 13',
  '\r\n',
].join('\r\n');

async function open(): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', (error) => {
    process.stderr.write(`fanout client: ${error.message}\n`);
    process.exit(1);
  });
  await once(socket, 'connect');
  socket.write(HANDSHAKE);
  const [head] = (await once(socket, 'data')) as [Buffer];
  if (!head.toString('latin1').startsWith('HTTP/1.1 101')) {
    process.stderr.write(`fanout client: the server answered ${head.toString('latin1').split('\r\n')[0]}\n`);
    process.exit(1);
  }
  socket.write(maskedFrame(messages[opening++ % messages.length] as string));
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  return socket;
}

for (let opened = 0; opened < count; opened += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - opened) }, open));
}
process.on('message', () => {
  process.send?.({ bytes });
  bytes = 0;
});
process.send?.({ connected: count });
