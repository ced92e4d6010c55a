import { joinParts, lengthOf, TickloomError } from '../base/index.ts';

/**
 * Named byte blocks as one, in pieces: count, then (name length, name, block length, block), lengths as uint32 LE. A block
 * may come in pieces of its own. Nothing is copied.
 */
export function sectionParts(sections: ReadonlyMap<string, Uint8Array | readonly Uint8Array[]>): Uint8Array[] {
  const parts = [uint32(sections.size)];
  for (const [name, block] of sections) {
    const pieces = block instanceof Uint8Array ? [block] : block;
    parts.push(
      uint32(name.length),
      Uint8Array.from(name, (char) => char.charCodeAt(0)),
      uint32(lengthOf(pieces)),
    );
    parts.push(...pieces);
  }
  return parts;
}

/** {@link sectionParts} in one piece. */
export function joinSections(sections: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return joinParts(sectionParts(sections));
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value, true);
  return bytes;
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
