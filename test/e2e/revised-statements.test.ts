import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import { ColumnBatch, TRADE_DATA } from '../../src/stores/index.ts';
import { ParquetWriter } from '../../src/stores/parquet-writer.ts';
import { LiveTickloom, scratch, startTickloom } from './tickloom.ts';

const START_US = Date.UTC(2023, 10, 15, 15, 0) * 1_000;
const STEP_US = 250_000;
const TRADES = 480;

/** Two minutes of trades; every tenth one is corrected to another price six seconds later, when its bar has closed. */
async function writeTape(path: string): Promise<number> {
  const batch = new ColumnBatch(TRADE_DATA);
  const price = (i: number): number => 100 + ((i * 7) % 11) / 10 + ((i * 13) % 29) / 20;
  const add = (i: number, cells: Readonly<Record<string, string | number>>): void => {
    const ts = START_US + i * STEP_US;
    batch.add({ symbol: 'IBM', ts, recv: ts, exchange: 'V', source: 'tape', size: 10, action: 'trade', ...cells });
  };
  let corrections = 0;
  for (let i = 1; i <= TRADES; i++) {
    add(i, { id: String(i), price: price(i) });
    if (i % 10 !== 0 || i < 30) continue;
    add(i, { id: String(i - 24), price: price(i) + 2, size: 10, action: 'correction' });
    corrections++;
  }
  const chunks: Uint8Array[] = [];
  const writer = new ParquetWriter(TRADE_DATA, async (bytes) => void chunks.push(Uint8Array.from(bytes)), {});
  await writer.append(
    batch,
    Uint32Array.from({ length: batch.length }, (_each, i) => i),
  );
  await writer.finish();
  writeFileSync(path, Buffer.concat(chunks));
  return corrections;
}

interface Said {
  readonly id: number;
  readonly type: string;
  readonly change: string;
  readonly replaces: number | null;
}

/** Everything that the channels of statements say from now on, or since an event. */
function listen(url: string, since?: number): { readonly said: Said[]; close(): void } {
  const said: Said[] = [];
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const channels = ['pattern_matches', 'regime_changes', 'signals'];
  socket.on('open', () =>
    socket.send(JSON.stringify({ action: 'subscribe', channels, ...(since === undefined ? {} : { since }) })),
  );
  socket.on('message', (data) => {
    const event = JSON.parse(String(data)) as Said;
    if (typeof event.id === 'number' && 'change' in event) said.push(event);
  });
  return { said, close: () => socket.close() };
}

test('a corrected trade amends and withdraws what was said of its bars, on the channels, in the store and over since', async () => {
  using folder = scratch();
  const tape = join(folder.path, 'IBM.trades.parquet');
  const corrections = await writeTape(tape);
  const simulator = startTickloom(['simulate', 'alpaca', '--from', tape, '--speed', '20', '--start', 'subscribe']);
  try {
    const [, port] = await simulator.waitFor(/127\.0\.0\.1:(\d+)/);
    const set = [
      `sources.alpaca.stream_url=ws://127.0.0.1:${port}`,
      `sources.alpaca.rest_url=http://127.0.0.1:${port}`,
      'clock=source',
      'patterns.timeframes=1s',
    ];
    const flags = ['--source', 'alpaca', '--symbols', 'IBM', ...set.flatMap((each) => ['--set', each])];
    const keys = { ALPACA_API_KEY_ID: 'k', ALPACA_API_SECRET_KEY: 's' };
    await using live = await LiveTickloom.startWith(keys, join(folder.path, 'data'), ...flags);
    const stayed = listen(live.url);
    const accepted = async (): Promise<number> => {
      const text = await (await fetch(`${live.url}/metrics`)).text();
      return Number(/^tickloom_events_accepted_total\{(?=[^}]*kind="trade")[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    await expect.poll(accepted, { timeout: 60_000 }).toBe(TRADES);
    expect(corrections).toBeGreaterThan(40);
    await expect.poll(() => new Set(stayed.said.map(({ change }) => change)).size, { timeout: 10_000 }).toBe(3);

    const held = new Set<number>();
    for (const { id, change, replaces } of stayed.said) {
      if (change !== 'new') expect(held.delete(replaces as number)).toBe(true);
      if (change !== 'withdrawn') held.add(id);
    }
    const last = (stayed.said.at(-1) as Said).id;
    const first = (stayed.said[0] as Said).id;
    const late = listen(live.url, first);
    await expect.poll(() => late.said.at(-1)?.id ?? 0, { timeout: 10_000 }).toBeGreaterThanOrEqual(last);
    const upTo = (events: readonly Said[]): readonly number[] => events.map(({ id }) => id).filter((id) => id <= last);
    expect([first, ...upTo(late.said)]).toEqual(upTo(stayed.said));

    const withdrawn = stayed.said.find(
      ({ type, change }) => type === 'pattern_match' && change === 'withdrawn',
    ) as Said;
    const page = (await (await fetch(`${live.url}/api/v1/patterns?limit=1000`)).json()) as {
      readonly patterns: Said[];
    };
    expect(page.patterns.find(({ id }) => id === withdrawn.id)).toMatchObject({
      change: 'withdrawn',
      replaces: withdrawn.replaces,
    });
    stayed.close();
    late.close();
  } finally {
    simulator.process.kill('SIGTERM');
    await simulator.ended;
  }
}, 180_000);
