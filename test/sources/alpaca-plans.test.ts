import { decode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { ADAPTERS, type AdapterDefinition } from '../../src/sources/index.ts';
import { openCase, RECV_US } from './adapter-case.ts';
import { RowSink } from './row-sink.ts';

const ALPACA = ADAPTERS.find(({ id }) => id === 'alpaca') as AdapterDefinition;

test('crypto: pairs with a slash, fractions, and the side that took', () => {
  const { adapter, universe } = openCase(ALPACA, ['BTCUSD'], 'crypto');
  expect(adapter.stream?.url()).toBe('wss://stream.data.alpaca.markets/v1beta3/crypto/us');
  const sink = new RowSink();
  const session = adapter.stream?.session();
  const [message] = session?.subscribe(['BTCUSD']) ?? [];
  expect(JSON.parse(String(message?.data))).toEqual({ action: 'subscribe', trades: ['BTC/USD'], quotes: ['BTC/USD'] });
  const frame =
    '[{"T":"t","S":"BTC/USD","p":71859.53,"s":0.00027994,"t":"2024-03-12T10:38:50.79613221Z","i":7,"tks":"S"},{"T":"t","S":"BTC/USD","p":71859.6,"s":1,"t":"2024-03-12T10:38:51Z","i":8,"tks":"B"}]';
  session?.receive(frame, RECV_US, sink);
  expect(sink.rows(universe)).toEqual([
    {
      kind: 'trade',
      symbol: 'BTCUSD',
      tsUs: 1_710_239_930_796_132,
      values: [71_859.53, 0.00027994],
      id: '7',
      conditions: 'buyerMaker',
    },
    { kind: 'trade', symbol: 'BTCUSD', tsUs: 1_710_239_931_000_000, values: [71_859.6, 1], id: '8' },
  ]);
  const query = adapter.history?.trades?.({ symbol: 'BTCUSD', fromUs: 1.7e15, toUs: 1.7e15 + 1 });
  expect(query?.request.path).toBe('/v1beta3/crypto/us/trades');
});

test('msgpack is asked for in the handshake and spoken by the client', () => {
  const { adapter } = openCase(ALPACA, ['AAPL'], 'test+msgpack');
  expect(adapter.stream?.url()).toMatch(/\/v2\/test$/);
  expect(adapter.stream?.headers).toEqual({ 'Content-Type': 'application/msgpack' });
  const [message] = adapter.stream?.session().subscribe(['AAPL']) ?? [];
  expect(decode(message?.data as Uint8Array)).toMatchObject({ action: 'subscribe', trades: ['AAPL'] });
});

test('many symbols are subscribed in batches', () => {
  const wanted = Array.from({ length: 1_000 }, (_, i) => `S${i}`);
  const { adapter } = openCase(ALPACA, wanted, 'sip');
  const messages = adapter.stream?.session().subscribe(wanted) ?? [];
  expect(messages).toHaveLength(3);
  const names = messages.flatMap(({ data }) => (JSON.parse(String(data)) as { trades: string[] }).trades);
  expect(names).toEqual(wanted);
});
