import { TickloomError } from '../base/index.ts';

/** Joins named byte blocks into one: count, then (name length, name, block length, block), lengths as uint32 LE. */
export function joinSections(sections: ReadonlyMap<string, Uint8Array>): Uint8Array {
  let size = 4;
  for (const [name, bytes] of sections) size += 8 + name.length + bytes.length;
  const out = new Uint8Array(size);
  const view = new DataView(out.buffer);
  view.setUint32(0, sections.size, true);
  let at = 4;
  for (const [name, bytes] of sections) {
    view.setUint32(at, name.length, true);
    for (let i = 0; i < name.length; i++) out[at + 4 + i] = name.charCodeAt(i);
    at += 4 + name.length;
    view.setUint32(at, bytes.length, true);
    out.set(bytes, at + 4);
    at += 4 + bytes.length;
  }
  return out;
}

/** @throws TickloomError `bad-snapshot` when the bytes are not what {@link joinSections} wrote. */
export function splitSections(bytes: Uint8Array): Map<string, Uint8Array> {
  const sections = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const length = (): number => {
    if (at + 4 > bytes.length) throw new TickloomError('bad-snapshot', 'The snapshot ends in the middle of a section.');
    const value = view.getUint32(at, true);
    at += 4;
    if (at + value > bytes.length)
      throw new TickloomError('bad-snapshot', 'The snapshot ends in the middle of a section.');
    return value;
  };
  const count = bytes.length >= 4 ? view.getUint32(0, true) : 0;
  at = 4;
  for (let i = 0; i < count; i++) {
    const nameLength = length();
    let name = '';
    for (let j = 0; j < nameLength; j++) name += String.fromCharCode(bytes[at + j] as number);
    at += nameLength;
    const size = length();
    sections.set(name, bytes.slice(at, at + size));
    at += size;
  }
  return sections;
}

/** How numbers that JSON does not have are written. */
const NON_FINITE = '$number';

/** A JSON value as bytes in plain ASCII (`\u` escapes), because the core has no text encoder. NaN and infinities survive. */
export function jsonBytes(value: unknown): Uint8Array {
  const text = JSON.stringify(value, (_key, member: unknown) =>
    typeof member === 'number' && !Number.isFinite(member) ? { [NON_FINITE]: String(member) } : member,
  ).replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const out = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) out[i] = text.charCodeAt(i);
  return out;
}

export function parseJsonBytes(bytes: Uint8Array): unknown {
  let text = '';
  const step = 8192;
  for (let i = 0; i < bytes.length; i += step) text += String.fromCharCode(...bytes.subarray(i, i + step));
  return JSON.parse(text, (_key, member: unknown) =>
    typeof member === 'object' && member !== null && NON_FINITE in member ? Number(member[NON_FINITE]) : member,
  );
}
