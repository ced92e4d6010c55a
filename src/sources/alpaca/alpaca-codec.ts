import { Decoder, decodeTimestampToTimeSpec, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import { US_PER_SECOND } from '../../base/index.ts';

const TIMESTAMP = -1;
const NS_PER_US = 1_000;

/** Timestamps become microseconds; the library's own reading would cut them to milliseconds. */
const microseconds = new ExtensionCodec();
microseconds.register({
  type: TIMESTAMP,
  encode: () => null,
  decode: (bytes) => {
    const { sec, nsec } = decodeTimestampToTimeSpec(bytes);
    return sec * US_PER_SECOND + Math.floor(nsec / NS_PER_US);
  },
});

const decoder = new Decoder({ extensionCodec: microseconds, useBigInt64: true });
const encoder = new Encoder();

/** Reads a binary frame; 64-bit integers are bigint, times microseconds. @throws for bytes that are no msgpack. */
export function decodeMsgpack(frame: Uint8Array): unknown {
  return decoder.decode(frame);
}

export function encodeMsgpack(message: unknown): Uint8Array {
  return encoder.encode(message);
}

/** A message as text for quarantine, whichever way it came. */
export function messageText(message: unknown): string {
  return (
    JSON.stringify(message, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)) ?? ''
  );
}
