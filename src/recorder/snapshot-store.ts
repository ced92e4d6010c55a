import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { lengthOf, TickloomError } from '../base/index.ts';
import { type FileSystem, readFully } from '../host/index.ts';
import { writeAtomically } from './atomic-file.ts';
import { listDirectory, storageError } from './tape-directory.ts';

const MAGIC = 'TICKSNAP';
const HEADER_BYTES = 40;
const VERSION = 1;
const STRETCH_BYTES = 1_048_576;

export interface SnapshotInfo {
  /** File name in the snapshots directory; what a run's record names. */
  readonly name: string;
  /** The snapshot holds the effect of every event up to and with this one. */
  readonly seq: number;
}

/** Engine snapshots beside the tape: whole files with a checksum, replaced never, the newest few kept. */
export class SnapshotStore {
  private readonly files: FileSystem;
  private readonly directory: string;
  private readonly keep: number;

  constructor(files: FileSystem, tapeDirectory: string, keep = 3) {
    this.files = files;
    this.directory = join(tapeDirectory, 'snapshots');
    this.keep = keep;
  }

  /**
   * Writes a snapshot, given in pieces that do not change meanwhile, and removes the oldest beyond the number kept, sparing those in `pinned`.
   * The caller made sure that the tape is durable up to `seq`.
   */
  async write(
    seq: number,
    parts: readonly Uint8Array[],
    pinned: ReadonlySet<string> = new Set(),
  ): Promise<SnapshotInfo> {
    const name = snapshotName(seq);
    const path = join(this.directory, name);
    try {
      await this.files.makeDirectory(this.directory);
      const stretches = parts.flatMap(stretchesOf);
      await writeAtomically(this.files, path, [await headerOf(seq, stretches), ...stretches]);
      await this.prune(pinned);
    } catch (error) {
      throw storageError('write the snapshot', path, error);
    }
    return { name, seq };
  }

  /** Snapshots by rising sequence number. */
  async list(): Promise<readonly SnapshotInfo[]> {
    const found: SnapshotInfo[] = [];
    for (const name of await listDirectory(this.files, this.directory)) {
      const seq = seqOf(name);
      if (seq !== undefined) found.push({ name, seq });
    }
    return found.sort((a, b) => a.seq - b.seq);
  }

  /** @throws TickloomError `snapshot-damaged` or `snapshot-missing`. */
  async read(name: string): Promise<{ readonly seq: number; readonly bytes: Uint8Array }> {
    const path = join(this.directory, name);
    const file = await readFully(this.files, path).catch((error: unknown) => {
      throw storageError('read the snapshot', path, error);
    });
    if (file === undefined) {
      throw new TickloomError('snapshot-missing', `There is no snapshot ${path}.`, { subject: path });
    }
    return withoutHeader(file, path);
  }

  /**
   * The newest sound snapshot at or before `maxSeq`. Damaged ones are passed over and named through `onDamaged`.
   */
  async latest(
    maxSeq: number,
    onDamaged: (error: TickloomError) => void,
  ): Promise<(SnapshotInfo & { readonly bytes: Uint8Array }) | undefined> {
    for (const info of [...(await this.list())].reverse()) {
      if (info.seq > maxSeq) continue;
      try {
        return { ...info, bytes: (await this.read(info.name)).bytes };
      } catch (error) {
        if (!(error instanceof TickloomError)) throw error;
        onDamaged(error);
      }
    }
    return undefined;
  }

  /** Removes snapshots of events that the tape lost in a crash: they describe what never was. */
  async removeAfter(seq: number): Promise<void> {
    for (const info of await this.list()) {
      if (info.seq > seq) await this.remove(info.name);
    }
  }

  private async prune(pinned: ReadonlySet<string>): Promise<void> {
    const old = (await this.list()).slice(0, -this.keep);
    for (const { name } of old) {
      if (!pinned.has(name)) await this.remove(name);
    }
  }

  private async remove(name: string): Promise<void> {
    const path = join(this.directory, name);
    await this.files.remove(path).catch((error: unknown) => {
      throw storageError('remove the snapshot', path, error);
    });
  }
}

function snapshotName(seq: number): string {
  return `${String(seq).padStart(16, '0')}.snapshot`;
}

function seqOf(name: string): number | undefined {
  return /^\d{16}\.snapshot$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}

/** Stretches of a piece that a checksum takes a fraction of a millisecond over. */
function stretchesOf(part: Uint8Array): readonly Uint8Array[] {
  const count = Math.ceil(part.length / STRETCH_BYTES);
  return Array.from({ length: count }, (_, i) => part.subarray(i * STRETCH_BYTES, (i + 1) * STRETCH_BYTES));
}

/** The events of a live run are let through between the stretches. */
async function headerOf(seq: number, stretches: readonly Uint8Array[]): Promise<Uint8Array> {
  let checksum = 0;
  let waiting = 0;
  for (const stretch of stretches) {
    checksum = crc32(stretch, checksum);
    waiting += stretch.length;
    if (waiting < STRETCH_BYTES) continue;
    waiting = 0;
    await setImmediate();
  }
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, checksum, true);
  view.setFloat64(16, seq, true);
  view.setFloat64(24, lengthOf(stretches), true);
  view.setUint32(36, crc32(header.subarray(0, 36)), true);
  return header;
}

function withoutHeader(file: Uint8Array, path: string): { readonly seq: number; readonly bytes: Uint8Array } {
  const damaged = (what: string): TickloomError =>
    new TickloomError('snapshot-damaged', `The snapshot ${path} is damaged: ${what}.`, { subject: path });
  if (file.length < HEADER_BYTES) throw damaged('it is shorter than its header');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (new TextDecoder('latin1').decode(file.subarray(0, 8)) !== MAGIC) throw damaged('it does not begin as one');
  if (view.getUint32(36, true) !== crc32(file.subarray(0, 36))) throw damaged('its header has a wrong checksum');
  if (view.getUint32(8, true) !== VERSION) throw damaged(`its version is ${view.getUint32(8, true)}, not ${VERSION}`);
  const bytes = file.subarray(HEADER_BYTES);
  if (bytes.length !== view.getFloat64(24, true)) throw damaged('it is cut short');
  if (crc32(bytes) !== view.getUint32(12, true)) throw damaged('its content has a wrong checksum');
  return { seq: view.getFloat64(16, true), bytes };
}
