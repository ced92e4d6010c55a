import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32, so that names sort by time of writing. */
export function ulid(nowMs: number): string {
  let text = '';
  let time = Math.floor(nowMs);
  for (let i = 0; i < 10; i++) {
    text = (ALPHABET[time % 32] as string) + text;
    time = Math.floor(time / 32);
  }
  for (const byte of randomBytes(16)) text += ALPHABET[byte & 31] as string;
  return text;
}
