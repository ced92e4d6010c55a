import { TickloomError } from '../base/index.ts';

/** The last two digits change whenever the same features lie differently in a block. */
const MAGIC = 'TLFEAT01';

/** Magic, length and text of the identity, number of series, then the doubles; all little-endian. */
export function writeSnapshot(identity: string, series: number, state: Float64Array): Uint8Array {
  const header = MAGIC.length + 4 + identity.length + 4;
  const bytes = new Uint8Array(header + 8 * state.length);
  const view = new DataView(bytes.buffer);
  writeText(bytes, 0, MAGIC);
  view.setUint32(MAGIC.length, identity.length, true);
  writeText(bytes, MAGIC.length + 4, identity);
  view.setUint32(header - 4, series, true);
  for (let i = 0; i < state.length; i++) view.setFloat64(header + 8 * i, state[i] as number, true);
  return bytes;
}

/** @throws TickloomError `bad-snapshot` when it is damaged or its identity is another. */
export function readSnapshot(
  bytes: Uint8Array,
  identity: string,
  doublesPerSeries: number,
): { series: number; state: Float64Array } {
  const header = MAGIC.length + 4 + identity.length + 4;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < header || readText(bytes, 0, MAGIC.length) !== MAGIC) {
    throw badSnapshot('it is no snapshot of features, or it was cut short');
  }
  const found = readText(bytes, MAGIC.length + 4, view.getUint32(MAGIC.length, true));
  if (found !== identity) throw badSnapshot(`it holds "${found.slice(0, 200)}", wanted is "${identity.slice(0, 200)}"`);
  const series = view.getUint32(header - 4, true);
  const length = series * doublesPerSeries;
  if (bytes.length !== header + 8 * length) {
    throw badSnapshot(`it has ${bytes.length} bytes where ${header + 8 * length} belong`);
  }
  const state = new Float64Array(length);
  for (let i = 0; i < length; i++) state[i] = view.getFloat64(header + 8 * i, true);
  return { series, state };
}

function writeText(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}

function readText(bytes: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let i = at; i < Math.min(at + length, bytes.length); i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}

function badSnapshot(why: string): TickloomError {
  return new TickloomError('bad-snapshot', `The feature state cannot be restored: ${why}.`, { subject: 'snapshot' });
}
