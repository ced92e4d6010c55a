// The floor of e2e.latency: a WebSocket server that answers each frame with the time in it, and does nothing else. Frames
// come in at one connection and answers go out at another. Says its ports in a message.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

async function open(onSocket: (socket: WebSocket) => void): Promise<number> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  server.on('connection', (socket, request) => {
    request.socket.setNoDelay(true);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

let sink: WebSocket | undefined;
const outPort = await open((socket) => {
  sink = socket;
});
const inPort = await open((socket) => {
  socket.on('message', (data: Buffer) => {
    const at = data.lastIndexOf('"t":"') + 5;
    sink?.send(`{"type":"trade","timestamp":"${data.toString('latin1', at, at + 26)}Z"}`);
  });
});
process.send?.({ inPort, outPort });
process.on('disconnect', () => process.exit(0));
