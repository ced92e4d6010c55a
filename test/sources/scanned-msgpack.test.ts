import { Encoder, ExtData } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Universe } from '../../src/model/index.ts';
import { AlpacaFrames } from '../../src/sources/alpaca/alpaca-frames.ts';
import { AlpacaMsgpackScanner } from '../../src/sources/alpaca/alpaca-msgpack-scanner.ts';
import { ProviderRows } from '../../src/sources/provider-rows.ts';
import { SymbolMap } from '../../src/sources/symbol-map.ts';
import { RowSink } from './row-sink.ts';

const RECV_US = 1_893_456_000_000_000;
const WANTED = ['AAPL', 'MSFT', 'BRK.B'];
const encoder = new Encoder({ useBigInt64: true });

/** A timestamp in one of the three widths that msgpack has for it. */
const times = fc
  .tuple(fc.integer({ min: 1_400_000_000, max: 2_000_000_000 }), fc.nat(999_999_999), fc.constantFrom(4, 8, 12))
  .map(([seconds, nanos, width]) => {
    const bytes = Buffer.alloc(width);
    if (width === 4) bytes.writeUInt32BE(seconds);
    else if (width === 8) bytes.writeBigUInt64BE((BigInt(nanos) << 34n) | BigInt(seconds));
    else {
      bytes.writeUInt32BE(nanos, 0);
      bytes.writeBigInt64BE(BigInt(seconds), 4);
    }
    return new ExtData(-1, bytes);
  });
const integers = fc.oneof(
  fc.nat(300),
  fc.nat(),
  fc.maxSafeNat(),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const numbers = fc.oneof(fc.double({ min: 0, noNaN: true }), fc.nat(100_000), integers);
const symbols = fc.constantFrom('AAPL', 'MSFT', 'BRK.B', 'ZZZZ');
const codes = fc.constantFrom(['@'], ['@', 'I'], [' ', '7', 'V'], []);
const strange = fc.constantFrom<unknown>(
  null,
  true,
  false,
  '',
  'é',
  'a long text of more than thirty-one bytes',
  -1,
  -70_000,
  [],
  [1],
  [['@']],
  ['é'],
  {},
  Number.NaN,
  '1.5',
  '2024-01-02T03:04:05.5Z',
  new ExtData(5, Buffer.from('x')),
);

const trades = fc.record({
  T: fc.constant('t'),
  S: symbols,
  i: integers,
  x: fc.constantFrom('D', 'V', ''),
  p: numbers,
  s: integers,
  t: times,
  c: codes,
  z: fc.constant('C'),
});
const crypto = fc.record({
  T: fc.constant('t'),
  S: symbols,
  p: numbers,
  s: numbers,
  t: times,
  i: integers,
  tks: fc.constantFrom('S', 'B', '-'),
});
const quotes = fc.record({
  T: fc.constant('q'),
  S: symbols,
  bx: fc.constant('U'),
  bp: numbers,
  bs: integers,
  ax: fc.constant('Q'),
  ap: numbers,
  as: integers,
  c: codes,
  z: fc.constant('C'),
  t: times,
});
const plain: fc.Arbitrary<Readonly<Record<string, unknown>>> = fc.oneof(trades, crypto, quotes);

/** A message as it is, or with a field changed, added or left out, or in another order. */
const messages = fc
  .tuple(
    plain,
    fc.nat(12),
    fc.constantFrom('', '', 'drop', 'value', 'add', 'turn'),
    strange,
    fc.constantFrom('r', 'zz', '__proto__', 'long_key'),
  )
  .map(([message, at, change, value, key]) => {
    const fields = Object.entries(message);
    const place = at % fields.length;
    if (change === 'drop') fields.splice(place, 1);
    if (change === 'value') fields[place] = [(fields[place] as [string, unknown])[0], value];
    if (change === 'add') fields.splice(place, 0, [key, value]);
    if (change === 'turn') fields.reverse();
    return new Map(fields);
  });

/** The encoder knows no maps: their bytes are put together here. */
function bytesOf(frame: readonly ReadonlyMap<string, unknown>[]): Buffer {
  const parts = frame.flatMap((fields) => [
    Buffer.from([0x80 | fields.size]),
    ...[...fields].flatMap(([key, value]) => [Buffer.from(encoder.encode(key)), Buffer.from(encoder.encode(value))]),
  ]);
  return Buffer.concat([Buffer.from([0x90 | frame.length]), ...parts]);
}

function open() {
  const universe = new Universe();
  for (const symbol of WANTED) universe.intern(symbol);
  const map = new SymbolMap({ source: 'alpaca', wanted: WANTED, configured: {}, toProvider: (symbol) => symbol });
  const rows = new ProviderRows(universe, map, 'alpaca');
  const sink = new RowSink();
  const told = () => ({ rows: sink.rows(universe), outcomes: sink.outcomes, rejects: sink.rejects });
  return { frames: new AlpacaFrames(rows), scanner: new AlpacaMsgpackScanner(rows, WANTED.length), sink, told };
}

/** Reads frames both ways; returns how many the scanner took. */
function compare(frames: readonly Buffer[]): number {
  const scanned = open();
  const decoded = open();
  let taken = 0;
  for (const frame of frames) {
    if (scanned.scanner.scan(frame, RECV_US, scanned.sink)) taken++;
    else scanned.frames.read(frame, RECV_US, scanned.sink);
    decoded.frames.read(frame, RECV_US, decoded.sink);
  }
  expect(scanned.told()).toEqual(decoded.told());
  return taken;
}

describe('binary frames of alpaca, scanned', () => {
  it('give what their decoding gives, whatever is in them', () => {
    const whole = fc.array(messages, { maxLength: 4 }).map(bytesOf);
    const damaged = fc.tuple(whole, fc.nat(400), fc.nat(255)).map(([frame, at, byte]) => {
      const copy = Buffer.from(frame);
      if (copy.length > 0) copy[at % copy.length] = byte;
      return copy;
    });
    const cut = fc.tuple(whole, fc.nat(400)).map(([frame, end]) => frame.subarray(0, end));
    const frames = fc.oneof({ weight: 4, arbitrary: whole }, damaged, cut);
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 8 }), (list) => {
        compare([...list, ...list]);
      }),
      { numRuns: 1_000 },
    );
  });

  it('are taken by the scanner where they are as documented', () => {
    let taken = 0;
    let asked = 0;
    fc.assert(
      fc.property(fc.array(trades, { minLength: 1, maxLength: 3 }), (list) => {
        const frame = bytesOf(list.map((trade) => new Map(Object.entries({ ...trade, i: 7, S: 'AAPL' }))));
        taken += compare([frame, frame]);
        asked++;
      }),
      { numRuns: 200 },
    );
    expect(taken).toBeGreaterThan(asked / 2);
  });
});
