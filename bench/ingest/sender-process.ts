// Sends frames of trades as fast as the reader takes them. Argument: `json` or `msgpack`. Says its port in a message.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { alpacaFrames, asMsgpack } from './alpaca-frames.ts';

/** Bytes that may wait for the reader. */
const AHEAD_BYTES = 1 << 20;

const isText = process.argv[2] === 'json';
const frames = alpacaFrames(200).map((frame) => (isText ? Buffer.from(JSON.stringify(frame)) : asMsgpack(frame)));
const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
server.on('connection', (socket) => {
  let next = 0;
  let isOpen = true;
  socket.on('close', () => {
    isOpen = false;
  });
  socket.on('error', () => undefined);
  const send = (): void => {
    if (!isOpen) return;
    while (socket.bufferedAmount < AHEAD_BYTES) {
      socket.send(frames[next++ % frames.length] as Buffer, { binary: !isText });
    }
    setImmediate(send);
  };
  send();
});
server.on('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
