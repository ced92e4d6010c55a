import { Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { Prng } from '../../src/base/index.ts';

/** Trades in a frame. */
export const FRAME_TRADES = 100;
const EPOCH_MS = 1_700_000_000_000;

export const SYMBOLS: readonly string[] = Array.from({ length: 100 }, (_, i) => {
  const letters = `${String.fromCharCode(65 + (i % 26))}${String.fromCharCode(65 + Math.floor(i / 26))}`;
  return `S${letters}${i % 7 === 0 ? 'X' : ''}`;
});

interface AlpacaTrade {
  readonly T: 't';
  readonly S: string;
  readonly i: number;
  readonly x: string;
  readonly p: number;
  readonly s: number;
  readonly t: string;
  readonly c: readonly string[];
  readonly z: string;
}

/** Frames of random trades as the provider writes them, of the kind that the ceilings' generator makes. */
export function alpacaFrames(count: number, perFrame = FRAME_TRADES, fromMs = EPOCH_MS): readonly AlpacaTrade[][] {
  const random = new Prng(5);
  let ms = fromMs;
  let id = 50_000_000;
  return Array.from({ length: count }, () =>
    Array.from({ length: perFrame }, (): AlpacaTrade => {
      if (random.uniform() < 0.3) ms++;
      const nanos = String(Math.floor(random.uniform() * 1e6)).padStart(6, '0');
      return {
        T: 't',
        S: SYMBOLS[Math.floor(random.uniform() * SYMBOLS.length)] as string,
        i: id++,
        x: 'VDQN'[Math.floor(random.uniform() * 4)] as string,
        p: Math.round((20 + random.uniform() * 300) * 100) / 100,
        s: 1 + Math.floor(random.uniform() * 500),
        t: `${new Date(ms).toISOString().slice(0, -1)}${nanos}Z`,
        c: ['@', 'I'],
        z: 'C',
      };
    }),
  );
}

class Nanoseconds {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

const codec = new ExtensionCodec();
codec.register({
  type: -1,
  encode: (value) => {
    if (!(value instanceof Nanoseconds)) return null;
    const seconds = Math.floor(Date.parse(value.text) / 1_000);
    const bytes = Buffer.alloc(12);
    bytes.writeUInt32BE(Number(value.text.slice(20, 29)), 0);
    bytes.writeBigInt64BE(BigInt(seconds), 4);
    // The form with 34 bits of seconds, which is what the provider's own library writes for these years.
    const packed = (BigInt(bytes.readUInt32BE(0)) << 34n) | BigInt(seconds);
    const eight = Buffer.alloc(8);
    eight.writeBigUInt64BE(packed);
    return eight;
  },
  decode: () => undefined,
});
const encoder = new Encoder({ extensionCodec: codec });

/** The same frame in msgpack, times as its timestamps. */
export function asMsgpack(frame: readonly AlpacaTrade[]): Buffer {
  return Buffer.from(encoder.encode(frame.map((trade) => ({ ...trade, t: new Nanoseconds(trade.t) }))));
}
