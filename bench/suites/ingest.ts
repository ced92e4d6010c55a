import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { RowCollector } from '../../src/collector/row-collector.ts';
import { frameText, LiveSocket } from '../../src/host/index.ts';
import { Universe } from '../../src/model/index.ts';
import { ADAPTERS, type StreamSession } from '../../src/sources/index.ts';
import { CEILINGS, ceilingResults } from '../ceilings.ts';
import { Report, type SuiteResult } from '../figure.ts';
import { alpacaFrames, asMsgpack, FRAME_TRADES, SYMBOLS } from '../ingest/alpaca-frames.ts';
import { type Contender, cpuNanosInTurn, median, use } from '../measure.ts';

const FRAMES = 500;
const SOCKET_ROUNDS = 3;
const SOCKET_MS = 2_000;

/** Reads frames, from the bytes of the socket, into rows that are then done with. */
interface Reader {
  read(frame: Buffer, isText: boolean): void;
}

/** The product's own way: the session of the Alpaca adapter, and the collector's batches. */
function ours(plan: string): Reader {
  const definition = ADAPTERS.find(({ id }) => id === 'alpaca') as (typeof ADAPTERS)[number];
  const settings = { stream_url: '', rest_url: '', symbols: {}, plan };
  const universe = new Universe();
  const adapter = definition.create({ universe, wanted: SYMBOLS, settings, secret: () => 'none' });
  const session = (adapter.stream as NonNullable<typeof adapter.stream>).session() as StreamSession;
  const rows = new RowCollector({ sourceId: universe.sources.intern('alpaca') });
  return {
    read(frame, isText) {
      if (!isText) session.receive(frame, 1, rows);
      else if (session.scan?.(frame, 1, rows) !== true) session.receive(frameText(frame), 1, rows);
      if (rows.filled.length < 2) return;
      const [batch] = rows.filled.splice(0, 1);
      if (batch !== undefined) rows.recycle(batch);
    },
  };
}

/** JSON.parse, and then the four columns that the ceilings fill; ids, exchanges and conditions are left out. */
function parsedColumns(): Reader {
  const symbols = new Map<string, number>();
  const ids = new Int32Array(FRAME_TRADES);
  const price = new Float64Array(FRAME_TRADES);
  const size = new Float64Array(FRAME_TRADES);
  const time = new Float64Array(FRAME_TRADES);
  return {
    read(frame) {
      const trades = JSON.parse(frame.toString()) as ReturnType<typeof alpacaFrames>[number];
      for (const [i, trade] of trades.entries()) {
        let symbol = symbols.get(trade.S);
        if (symbol === undefined) {
          symbol = symbols.size;
          symbols.set(trade.S, symbol);
        }
        ids[i] = symbol;
        price[i] = trade.p;
        size[i] = trade.s;
        time[i] = Date.parse(trade.t);
      }
    },
  };
}

const parsedOnly: Reader = { read: (frame) => use((JSON.parse(frame.toString()) as unknown[]).length) };
const unread: Reader = { read: () => undefined };

/** Alpaca frames of a hundred trades: from bytes to columns, and from a loopback socket to columns. */
export async function ingestJson(): Promise<SuiteResult> {
  const report = new Report('ingest.json');
  const frames = alpacaFrames(FRAMES);
  const json = frames.map((frame) => Buffer.from(JSON.stringify(frame)));
  const msgpack = frames.map((frame) => asMsgpack(frame));
  const contender = (name: string, reader: Reader, bytes: readonly Buffer[], isText = true): Contender => ({
    name,
    run() {
      for (const frame of bytes) reader.read(frame, isText);
      return bytes.length * FRAME_TRADES;
    },
  });
  const repeated = (each: Contender, times: number): Contender => ({
    name: each.name,
    run() {
      let trades = 0;
      for (let i = 0; i < times; i++) trades += each.run() as number;
      return trades;
    },
  });
  const [scanned, packed, parsed, columns] = (await cpuNanosInTurn([
    repeated(contender('ours', ours('sip'), json), 20),
    repeated(contender('ours, msgpack', ours('sip+msgpack'), msgpack, false), 5),
    repeated(contender('JSON.parse', parsedOnly, json), 5),
    repeated(contender('JSON.parse and columns', parsedColumns(), json), 5),
  ])) as [number, number, number, number];
  report.less(scanned, 'ns/trade', 'JSON.parse + columns', columns);
  report.less(scanned, 'ns/trade', 'JSON.parse alone', parsed);
  report.less(packed, 'ns/trade, msgpack', 'JSON.parse + columns', columns);
  const ceiling = ceilingResults(withFrames(json), report);
  for (const [name, what] of [
    ['simdjson ondemand -> columns (C++)', 'simdjson on demand (C++), four columns'],
    ['C scanner -> columns', 'C scanner, four columns, nothing checked'],
  ] as const) {
    const theirs = ceiling?.get(name)?.value;
    if (theirs !== undefined) report.less(scanned, 'ns/trade', what, theirs);
  }
  await overSockets(report);
  return report;
}

/** The ceiling reads the very frames that we read. */
function withFrames(json: readonly Buffer[]): (typeof CEILINGS)['ingest'] & { prepare(folder: string): void } {
  return {
    ...CEILINGS.ingest,
    prepare(folder) {
      const parts = json.flatMap((frame) => {
        const length = Buffer.alloc(4);
        length.writeUInt32LE(frame.length);
        return [length, frame];
      });
      mkdirSync(join(folder, 'data'), { recursive: true });
      writeFileSync(join(folder, 'data', 'frames.bin'), Buffer.concat(parts));
    },
  };
}

interface SocketTaken {
  readonly cpuNanos: number;
  readonly perSecond: number;
}

/** The same over a loopback socket, the sender in a process of its own: CPU time of the receiving process. */
async function overSockets(report: Report): Promise<void> {
  const modes: readonly (readonly [string, string, Reader])[] = [
    ['ours', 'json', ours('sip')],
    ['ours, msgpack', 'msgpack', ours('sip+msgpack')],
    ['ws + JSON.parse + columns', 'json', parsedColumns()],
    ['ws + JSON.parse', 'json', parsedOnly],
    ['ws, nothing read', 'json', unread],
  ];
  const taken = new Map<string, SocketTaken[]>(modes.map(([name]) => [name, []]));
  for (let round = 0; round <= SOCKET_ROUNDS; round++) {
    for (const [name, kind, reader] of modes) {
      const one = await receive(kind, reader, name.startsWith('ours'));
      if (round > 0) taken.get(name)?.push(one);
    }
  }
  const cpu = (name: string): number => median((taken.get(name) ?? []).map(({ cpuNanos }) => cpuNanos));
  for (const [name] of modes) {
    const rate = median((taken.get(name) ?? []).map(({ perSecond }) => perSecond)) / 1e6;
    report.note(`over a socket, ${name}: ${cpu(name).toFixed(0)} ns/trade of CPU time, ${rate.toFixed(2)} M trades/s`);
  }
  report.less(cpu('ours'), 'ns/trade over a socket', 'ws + JSON.parse + columns', cpu('ws + JSON.parse + columns'));
  report.less(cpu('ours'), 'ns/trade over a socket', 'ws + JSON.parse', cpu('ws + JSON.parse'));
  report.less(cpu('ours'), 'ns/trade over a socket', 'ws, nothing read', cpu('ws, nothing read'));
  const packed = 'ns/trade over a socket, msgpack';
  report.less(cpu('ours, msgpack'), packed, 'ws + JSON.parse + columns', cpu('ws + JSON.parse + columns'));
}

async function receive(kind: string, reader: Reader, isOurs: boolean): Promise<SocketTaken> {
  const sender = fork(new URL('../ingest/sender-process.ts', import.meta.url), [kind]);
  const port = await portOf(sender);
  const url = `ws://127.0.0.1:${port}`;
  let frames = 0;
  const take = (frame: Buffer, isText: boolean): void => {
    frames++;
    reader.read(frame, isText);
  };
  const close = isOurs ? openOurs(url, take) : openPlain(url, take);
  await new Promise((resolve) => setTimeout(resolve, 300));
  frames = 0;
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, SOCKET_MS));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - startMs) / 1_000;
  const trades = frames * FRAME_TRADES;
  close();
  sender.kill('SIGKILL');
  if (trades === 0) throw new Error('ingest.json: no frame arrived');
  return { cpuNanos: ((user + system) * 1_000) / trades, perSecond: trades / seconds };
}

async function portOf(sender: ChildProcess): Promise<number> {
  const [message] = (await once(sender, 'message')) as [{ readonly port: number }];
  return message.port;
}

function openOurs(url: string, take: (frame: Buffer, isText: boolean) => void): () => void {
  const socket = new LiveSocket(
    { url, handshakeTimeoutMs: 5_000 },
    {
      opened: () => undefined,
      frame: (data, isText) => take(data as Buffer, isText),
      ended: () => undefined,
    },
  );
  return () => socket.cut('enough');
}

function openPlain(url: string, take: (frame: Buffer, isText: boolean) => void): () => void {
  const socket = new WebSocket(url, { perMessageDeflate: false });
  socket.on('message', (data, isBinary) => take(data as Buffer, !isBinary));
  socket.on('error', () => undefined);
  return () => socket.terminate();
}
