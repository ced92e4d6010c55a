// The sending side of fanout.1000: our API server, or `ws` sending the same text, until told to stop. Talks to the suite
// by messages: `{ready: port}`, gets `go` and `stop`, answers `{messages, cpuMs}`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Market, serve } from '../../test/api/market.ts';

const MESSAGE_BYTES = 200;
/** Bytes that may wait for a client before the sender pauses. */
const AHEAD_BYTES = 65_536;

/** One way of sending; `send` reaches every client once per message it says it made. */
interface Sender {
  readonly port: number;
  clients(): number;
  waitingBytes(): number;
  /** Makes and sends events; returns how many. */
  send(): number;
}

let nextId = 1_000_000_000_000_000;

/** An event of exactly {@link MESSAGE_BYTES}, new each time. */
function eventText(id: number): string {
  const event = {
    id,
    type: 'trade',
    symbol: 'AAPL',
    price: 189.12,
    size: 100,
    at: process.hrtime.bigint().toString(),
    pad: '',
  };
  event.pad = 'x'.repeat(MESSAGE_BYTES - JSON.stringify(event).length);
  return JSON.stringify(event);
}

async function ours(batch: number): Promise<Sender> {
  const server = serve(new Market(), {
    firstEventId: nextId,
    limits: { socketsPerAddress: 2_000, flushMs: 0, deadAfterMs: 120_000, pingEveryMs: 60_000, statsMs: 60_000 },
  });
  const { port } = await server.listen();
  const topic = server.hub.topic('trades', 'AAPL');
  const body = { toJson: eventText };
  return {
    port,
    clients: () => server.sockets.clientCount,
    waitingBytes: () => server.sockets.waitingBytes,
    send() {
      for (let i = 0; i < batch; i++) server.hub.publish(topic, body);
      return batch;
    },
  };
}

/** How each of the peers hands one event to all of its clients. */
const PEER_SENDS = {
  'ws one buffer': (server: WebSocketServer): void => {
    const bytes = Buffer.from(eventText(++nextId));
    for (const client of server.clients) client.send(bytes, { binary: false });
  },
  'ws stringify for each': (server: WebSocketServer): void => {
    const event = JSON.parse(eventText(++nextId)) as object;
    for (const client of server.clients) client.send(JSON.stringify(event));
  },
} as const;

async function peer(send: (server: WebSocketServer) => void): Promise<Sender> {
  const http = createServer();
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  const sockets: { writableLength: number }[] = [];
  server.on('connection', (client, request) => {
    request.socket.setNoDelay(true);
    sockets.push(request.socket);
    client.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => http.listen({ port: 0, host: '127.0.0.1', backlog: 2_048 }, resolve));
  return {
    port: (http.address() as AddressInfo).port,
    clients: () => server.clients.size,
    waitingBytes: () => sockets.reduce((sum, socket) => sum + socket.writableLength, 0),
    send() {
      send(server);
      return 1;
    },
  };
}

function open(mode: string): Promise<Sender> {
  if (mode === 'ours') return ours(1);
  if (mode === 'ours coalesced') return ours(16);
  return peer(PEER_SENDS[mode as keyof typeof PEER_SENDS]);
}

const sender = await open(process.argv[2] ?? '');
let isRunning = false;
let messages = 0;
let before = process.cpuUsage();

function turn(): void {
  if (!isRunning) return;
  if (sender.waitingBytes() < AHEAD_BYTES * sender.clients() * 0.1) messages += sender.send() * sender.clients();
  setImmediate(turn);
}

process.on('message', (message) => {
  if (message === 'go') {
    isRunning = true;
    messages = 0;
    before = process.cpuUsage();
    turn();
  } else if (message === 'stop') {
    isRunning = false;
    const { user, system } = process.cpuUsage(before);
    process.send?.({ messages, cpuMs: (user + system) / 1_000, clients: sender.clients() });
  }
});
process.send?.({ ready: sender.port });
