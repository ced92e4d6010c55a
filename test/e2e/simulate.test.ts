import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FAULTS, SIMULATORS } from '../../src/simulators/index.ts';
import { scratch, startTickloom, tickloom } from './tickloom.ts';

/** A tape of one second with twins, written as any user would. */
function writeTape(folder: string): string {
  const path = join(folder, 'BTCUSDT.trades.csv');
  const rows = Array.from(
    { length: 50 },
    (_each, i) => `${1_700_000_000_000 + 20 * Math.floor(i / 2)},${100 + (i >> 1)}.5,0.${(i >> 1) + 1}`,
  );
  writeFileSync(path, `ts,price,size\n${rows.join('\n')}\n`);
  return path;
}

/** Starts the program, tells its port when it listens. */
async function started(args: readonly string[]) {
  const program = startTickloom(['simulate', ...args]);
  const [, port] = await program.waitFor(/http:\/\/127\.0\.0\.1:(\d+)/);
  return { program, port: Number(port) };
}

interface BinanceFrame {
  readonly data: { readonly t: number; readonly p: string; readonly T: number };
}

async function frames(port: number, count: number): Promise<BinanceFrame[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/stream?streams=btcusdt@trade`);
  const found: BinanceFrame[] = [];
  await new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      found.push(JSON.parse(String(data)) as BinanceFrame);
      if (found.length === count) resolve();
    });
  });
  socket.terminate();
  return found;
}

describe('tickloom simulate', () => {
  test('plays a file, answers history on the same port, logs both sides and ends with status 0', async () => {
    using folder = scratch();
    const log = join(folder.path, 'log.jsonl');
    const { program, port } = await started([
      'binance',
      '--from',
      writeTape(folder.path),
      '--speed',
      'max',
      '--log',
      log,
    ]);
    const trades = await frames(port, 50);
    expect(trades.map(({ data }) => data.t)).toEqual(Array.from({ length: 50 }, (_each, i) => i + 1));
    expect(trades[2]?.data).toMatchObject({ p: '101.5', T: 1_700_000_000_020 });
    const history = (await (
      await fetch(`http://127.0.0.1:${port}/api/v3/aggTrades?symbol=BTCUSDT&fromId=49`)
    ).json()) as unknown[];
    expect(history).toHaveLength(2);
    program.process.kill('SIGINT');
    expect((await program.ended).code).toBe(0);
    const lines = readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; events?: unknown[]; at_us: number });
    expect(lines.filter(({ type }) => type === 'sent').flatMap(({ events }) => events ?? [])).toHaveLength(50);
    expect(lines.filter(({ type }) => type === 'request')).toHaveLength(1);
    expect(lines.every(({ at_us }) => Number.isInteger(at_us))).toBe(true);
  });

  test('--rebase now: the tape begins when it is started', async () => {
    using folder = scratch();
    const before = Date.now();
    const { program, port } = await started([
      'binance',
      '--from',
      writeTape(folder.path),
      '--rebase',
      'now',
      '--speed',
      '10',
    ]);
    const [first, ...rest] = await frames(port, 50);
    expect(first?.data.T).toBeGreaterThanOrEqual(before);
    expect((rest.at(-1)?.data.T as number) - (first?.data.T as number)).toBe(480);
    program.process.kill('SIGINT');
    expect((await program.ended).code).toBe(0);
  });

  test.skipIf(spawnSync('openssl', ['version']).status !== 0)('serves wss and https with a certificate', async () => {
    using folder = scratch();
    const [cert, key] = [join(folder.path, 'cert.pem'), join(folder.path, 'key.pem')];
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const request = [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ];
    execFileSync('openssl', [...request, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const tls = ['--tls-cert', cert, '--tls-key', key];
    const program = startTickloom(['simulate', 'binance', '--from', writeTape(folder.path), '--speed', 'max', ...tls]);
    const [, port] = await program.waitFor(/wss:\/\/127\.0\.0\.1:(\d+)/);
    const url = `wss://127.0.0.1:${port}/ws/btcusdt@trade`;
    const trusting = new WebSocket(url, { ca: readFileSync(cert) });
    const frame = await new Promise((resolve) => trusting.on('message', (data) => resolve(JSON.parse(String(data)))));
    expect(frame).toMatchObject({ e: 'trade', t: 1 });
    trusting.terminate();
    const doubting = new WebSocket(url);
    const error = await new Promise<NodeJS.ErrnoException>((resolve) => doubting.on('error', resolve));
    expect(error.code).toMatch(/SELF_SIGNED/);
    program.process.kill('SIGINT');
    expect((await program.ended).code).toBe(0);
    const { code, stderr } = await tickloom([
      'simulate',
      'binance',
      '--from',
      'x.csv',
      '--tls-cert',
      cert,
      '--tls-key',
      cert,
    ]);
    expect(stderr).toContain('no certificate with its key');
    expect(code).toBe(2);
  });

  test.each([
    ['an unknown provider', ['nasdaq', '--from', 'TAPE'], SIMULATORS.map(({ name }) => name).join(', ')],
    ['an unknown fault', ['binance', '--from', 'TAPE', '--fault', 'gremlins'], Object.keys(FAULTS).join(', ')],
    ['an argument that a fault cannot have', ['binance', '--from', 'TAPE', '--fault', 'disconnect=50%'], '5s (seconds'],
    ['a path that does not exist', ['binance', '--from', 'nowhere.csv'], 'nowhere.csv does not exist'],
    ['no tape', ['binance'], '--from'],
    ['a port that is none', ['binance', '--from', 'TAPE', '--port', '70000'], '0 to 65535'],
    ['a secret without a key', ['alpaca', '--from', 'TAPE', '--secret', 's'], '--key'],
  ])('%s: status 2 and what is allowed', async (_name, args, sentence) => {
    using folder = scratch();
    const path = writeTape(folder.path);
    const { code, stderr } = await tickloom(['simulate', ...args.map((arg) => (arg === 'TAPE' ? path : arg))]);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });
});
