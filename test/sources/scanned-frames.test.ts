import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALPACA } from '../../src/sources/alpaca/alpaca-adapter.ts';
import { BINANCE } from '../../src/sources/binance/binance-adapter.ts';
import type { AdapterDefinition, StreamSession } from '../../src/sources/index.ts';
import { POLYGON } from '../../src/sources/polygon/polygon-adapter.ts';
import { openCase } from './adapter-case.ts';
import { RowSink } from './row-sink.ts';

const RECV_US = 1_893_456_000_000_000;

/** Fields of a message as they stand on the wire: key and value, both as JSON text. */
type Fields = readonly (readonly [key: string, value: string])[];

interface Wire {
  readonly definition: AdapterDefinition;
  readonly wanted: readonly string[];
  readonly plan?: string;
  /** Messages as documented; texts of numbers that vary are filled in. */
  readonly messages: fc.Arbitrary<Fields>;
  frame(messages: readonly string[]): string;
}

const integers = fc.oneof(
  fc.nat(1_000).map(String),
  fc.nat().map(String),
  fc.maxSafeNat().map(String),
  fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n }).map(String),
);
const decimals = fc.oneof(
  fc.tuple(fc.nat(100_000), fc.nat(9_999)).map(([whole, part]) => `${whole}.${part}`),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }).map((value) => JSON.stringify(value)),
  fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.bigInt({ min: 0n, max: 10n ** 20n }))
    .map(([a, b]) => `${a}.${b}`),
  integers,
);
const quoted = <T>(text: fc.Arbitrary<T>): fc.Arbitrary<string> => text.map((value) => JSON.stringify(String(value)));
const times = fc
  .tuple(fc.nat(400_000_000), fc.nat(999_999_999), fc.integer({ min: 0, max: 9 }))
  .map(([second, nanos, digits]) => {
    const head = new Date((1_400_000_000 + second) * 1_000).toISOString().slice(0, 19);
    return JSON.stringify(`${head}${digits === 0 ? '' : `.${String(nanos).padStart(9, '0').slice(0, digits)}`}Z`);
  });
/** Values where others belong: right and wrong JSON alike. */
const strange = fc
  .constantFrom(
    'null true false 0 -0 -1.5 1e3 1E-7 1e999 01 1. .5 -  1e "" "1" "1.0" "12a" " 7" "-3" "1e5" "0x10" "\\u0041" "\\"" "A\\\\"',
    '[] [1] [1,2 ["@"] ["@","\\u0049"] ["a]b"] [[1]] {} {"p":1} "2024-02-30T00:00:00Z" "2024-01-02T03:04:05+01:00" tru',
    '"2024-01-02 03:04:05Z" "2024-01-02T03:04:05.Z" "2024-01-02T03:04:05.1234567891Z" 9007199254740993 "é" "\u0001" NaN',
  )
  .chain((line) => fc.constantFrom(...line.split(' ')));

function shape(fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<Fields> {
  const keys = Object.keys(fields);
  return fc
    .tuple(...Object.values(fields))
    .map((values) => values.map((value, i) => [keys[i] as string, value] as const));
}

const fixed = (text: string): fc.Arbitrary<string> => fc.constant(JSON.stringify(text));
const codes = fc.constantFrom('["@"]', '["@","I"]', '[" ","7","V"]', '[]', '[ "@" ]');
const numbers = fc.constantFrom('[0,12]', '[]', '[37]', '[ 1 ]');
const symbols = fc.constantFrom('"AAPL"', '"MSFT"', '"BRK.B"', '"ZZZZ"');
const pairs = fc.constantFrom('"BTCUSDT"', '"ETHUSDT"', '"XXXUSDT"');

const ALPACA_WIRE: Wire = {
  definition: ALPACA,
  wanted: ['AAPL', 'MSFT', 'BRK.B'],
  plan: 'sip',
  messages: fc.oneof(
    shape({
      T: fixed('t'),
      S: symbols,
      i: integers,
      x: fc.constantFrom('"D"', '"V"', '""'),
      p: decimals,
      s: integers,
      t: times,
      c: codes,
      z: fixed('C'),
    }),
    shape({
      T: fixed('t'),
      S: symbols,
      p: decimals,
      s: decimals,
      t: times,
      i: integers,
      tks: fc.constantFrom('"S"', '"B"', '"-"'),
    }),
    shape({
      T: fixed('q'),
      S: symbols,
      bx: fixed('U'),
      bp: decimals,
      bs: integers,
      ax: fixed('Q'),
      ap: decimals,
      as: integers,
      c: codes,
      z: fixed('C'),
      t: times,
    }),
    shape({
      T: fixed('x'),
      S: symbols,
      i: integers,
      x: fixed('D'),
      p: decimals,
      s: integers,
      a: fixed('C'),
      z: fixed('C'),
      t: times,
    }),
  ),
  frame: (messages) => `[${messages.join(',')}]`,
};

const POLYGON_WIRE: Wire = {
  definition: POLYGON,
  wanted: ['AAPL', 'MSFT', 'BRK.B'],
  messages: fc.oneof(
    shape({
      ev: fixed('T'),
      sym: symbols,
      x: fc.nat(300).map(String),
      i: fc.oneof(quoted(integers), fixed('a1-7'), fixed('007')),
      z: fc.constant('3'),
      p: decimals,
      s: integers,
      c: numbers,
      t: integers,
      q: integers,
    }),
    shape({
      ev: fixed('T'),
      sym: symbols,
      x: fc.nat(9).map(String),
      i: quoted(integers),
      p: decimals,
      s: integers,
      ds: quoted(decimals),
      t: fc.constant('1536036818784.25'),
    }),
    shape({
      ev: fixed('Q'),
      sym: symbols,
      bx: fc.nat(9).map(String),
      bp: decimals,
      bs: integers,
      ax: fc.constant('7'),
      ap: decimals,
      as: integers,
      c: fc.constant('0'),
      i: numbers,
      t: integers,
      q: integers,
      z: fc.constant('3'),
    }),
  ),
  frame: (messages) => `[${messages.join(',')}]`,
};

const BINANCE_WIRE: Wire = {
  definition: BINANCE,
  wanted: ['BTCUSDT', 'ETHUSDT'],
  messages: fc.oneof(
    shape({
      e: fixed('trade'),
      E: integers,
      s: pairs,
      t: integers,
      p: quoted(decimals),
      q: quoted(decimals),
      T: integers,
      m: fc.constantFrom('true', 'false'),
      M: fc.constant('true'),
    }),
    shape({
      u: integers,
      s: pairs,
      b: quoted(decimals),
      B: quoted(decimals),
      a: quoted(decimals),
      A: quoted(decimals),
    }),
  ),
  frame: (messages) => `{"stream":"btcusdt@trade","data":${messages[0] ?? '{}'}}`,
};

/** A message as it is, or with one thing or another wrong, moved, doubled, left out or added. */
function written(fields: fc.Arbitrary<Fields>): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(20),
    to: fc.nat(20),
    value: strange,
    key: fc.constantFrom('r', 'zz', 'é', 'T', 'ev', 'long_key', ''),
  });
  const edits = fc.array(fc.tuple(fc.constantFrom('drop', 'move', 'value', 'double', 'add'), change), { maxLength: 2 });
  const spaces = fc.constantFrom('', '', '', '', ' ', '\n', '\t ');
  return fc.tuple(fields, fc.oneof(fc.constant([]), edits), spaces).map(([from, changes, space]) => {
    const parts = from.map(([key, value]) => [JSON.stringify(key), value] as const);
    for (const [kind, { at, to, value, key }] of changes) {
      const place = at % (parts.length + 1);
      const part = parts[place];
      if (kind === 'add') parts.splice(place, 0, [JSON.stringify(key), value]);
      else if (part === undefined) continue;
      else if (kind === 'value') parts[place] = [part[0], value];
      else if (kind === 'double') parts.splice(to % parts.length, 0, [part[0], value]);
      else {
        parts.splice(place, 1);
        if (kind === 'move') parts.splice(to % (parts.length + 1), 0, part);
      }
    }
    return `{${space}${parts.map(([key, value]) => `${key}${space}:${space}${value}`).join(`${space},`)}${space}}`;
  });
}

/** Frames, some of them cut off or with a byte changed. */
function frames(wire: Wire): fc.Arbitrary<string> {
  const whole = fc.array(written(wire.messages), { maxLength: 4 }).map((messages) => wire.frame(messages));
  const damage = fc.record({
    at: fc.nat(500),
    byte: fc.constantFrom('', '"', ',', '}', '0', ' ', '\\', '\u0001', 'é'),
  });
  return fc.oneof(
    { weight: 4, arbitrary: whole },
    {
      weight: 1,
      arbitrary: fc
        .tuple(whole, damage)
        .map(([text, { at, byte }]) => `${text.slice(0, at)}${byte}${text.slice(at + 1)}`),
    },
    { weight: 1, arbitrary: fc.tuple(whole, fc.nat(200)).map(([text, end]) => text.slice(0, end)) },
  );
}

function open(wire: Wire): { readonly session: StreamSession; told(): object; readonly sink: RowSink } {
  const { adapter, universe } = openCase(wire.definition, wire.wanted, wire.plan);
  const session = (adapter.stream as NonNullable<typeof adapter.stream>).session();
  const sink = new RowSink();
  return { session, sink, told: () => ({ rows: sink.rows(universe), outcomes: sink.outcomes, rejects: sink.rejects }) };
}

/** Reads frames both ways; returns how many the scanner took. */
function compare(wire: Wire, texts: readonly string[]): number {
  const scanned = open(wire);
  const parsed = open(wire);
  let taken = 0;
  for (const text of texts) {
    if (scanned.session.scan?.(Buffer.from(text), RECV_US, scanned.sink) === true) taken++;
    else scanned.session.receive(text, RECV_US, scanned.sink);
    parsed.session.receive(text, RECV_US, parsed.sink);
  }
  expect(scanned.told()).toEqual(parsed.told());
  return taken;
}

for (const wire of [ALPACA_WIRE, POLYGON_WIRE, BINANCE_WIRE]) {
  describe(`frames of ${wire.definition.id}, scanned`, () => {
    it('give what their reading as text gives, whatever is in them', () => {
      fc.assert(
        fc.property(fc.array(frames(wire), { maxLength: 8 }), (texts) => {
          compare(wire, [...texts, ...texts]);
        }),
        { numRuns: 600 },
      );
    });

    it('are taken by the scanner where they are as documented', () => {
      let taken = 0;
      let asked = 0;
      fc.assert(
        fc.property(fc.array(wire.messages, { minLength: 1, maxLength: 3 }), (messages) => {
          const texts = messages.map((fields) =>
            wire.frame([`{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`]),
          );
          // The first reading makes new names known.
          taken += compare(wire, [...texts, ...texts]);
          asked += texts.length;
        }),
        { numRuns: 200 },
      );
      expect(taken).toBeGreaterThan(asked / 4);
    });
  });
}
