import { decode, EXT_TIMESTAMP, ExtData, encode, encodeTimeSpecToTimestamp } from '@msgpack/msgpack';
import { type Micros, US_PER_SECOND } from '../../base/index.ts';
import { integerJson, trimmedTime } from '../wire-format.ts';

/** How a connection's frames are written: JSON text, or msgpack with timestamps of nanoseconds. */
export interface AlpacaCodec {
  time(us: Micros): unknown;
  /** An id of decimal digits as an integer of any size. */
  integer(id: string): unknown;
  encode(messages: readonly unknown[]): string | Uint8Array;
  /** @throws when the frame is not what the codec reads. */
  decode(frame: string | Uint8Array): unknown;
}

const jsonCodec: AlpacaCodec = {
  time: trimmedTime,
  integer: integerJson,
  encode: (messages) => JSON.stringify(messages),
  decode: (frame) => JSON.parse(typeof frame === 'string' ? frame : new TextDecoder().decode(frame)),
};

const msgpackCodec: AlpacaCodec = {
  time(us) {
    const sec = Math.floor((us as number) / US_PER_SECOND);
    const nsec = ((us as number) - sec * US_PER_SECOND) * 1_000;
    return new ExtData(EXT_TIMESTAMP, encodeTimeSpecToTimestamp({ sec, nsec }));
  },
  integer: (id) => (Number.isSafeInteger(Number(id)) ? Number(id) : BigInt(id)),
  encode: (messages) => encode(messages, { useBigInt64: true }),
  decode: (frame) => (typeof frame === 'string' ? JSON.parse(frame) : decode(frame)),
};

/** The codec that a handshake asks for by its `Content-Type`; JSON where it asks for none. */
export function codecOf(contentType: string | undefined): AlpacaCodec {
  return contentType?.includes('msgpack') === true ? msgpackCodec : jsonCodec;
}

export { jsonCodec };
