import { dirname } from 'node:path';
import type { FileSystem, OpenFile } from '../../src/host/index.ts';

interface Inode {
  bytes: Uint8Array;
  /** What a crash of the machine leaves for certain. */
  durable: Uint8Array;
  /** Writes since the last flush, in order. */
  unsynced: { at: number; bytes: Uint8Array }[];
}

export type Fault = 'EIO' | 'ENOSPC' | 'short';

/**
 * A file system in memory with the failures that a disk has: the Nth call fails once or from then on; a crash loses,
 * reorders and tears (at 512 bytes) what was not flushed, and forgets directory changes that were not flushed.
 */
export class MemoryFileSystem implements FileSystem {
  private names = new Map<string, Inode>();
  private durableNames = new Map<string, Inode>();
  calls = 0;
  /** Number of the call that fails; 0 for none. */
  failAt = 0;
  isFailingForEver = false;
  fault: Fault = 'EIO';
  hasFailed = false;

  private gate(canBeShort = false): 'short' | undefined {
    this.calls++;
    const isDue =
      this.failAt > 0 && (this.calls === this.failAt || (this.isFailingForEver && this.calls > this.failAt));
    if (!isDue) return undefined;
    this.hasFailed = true;
    if (this.fault === 'short') {
      if (canBeShort) return 'short';
      if (!this.isFailingForEver) return undefined;
    }
    const code = this.fault === 'short' ? 'ENOSPC' : this.fault;
    throw Object.assign(new Error(`${code}: injected`), { code });
  }

  heal(): void {
    this.failAt = 0;
    this.hasFailed = false;
  }

  /** What is found after a power cut. `random` gives numbers in [0, 1). */
  crash(random: () => number): void {
    const survivors = new Map<string, Inode>();
    const names = new Set([...this.durableNames.keys(), ...this.names.keys()]);
    for (const name of names) {
      const isNameDurable = this.durableNames.get(name) === this.names.get(name);
      const source = isNameDurable || random() < 0.5 ? this.names : this.durableNames;
      const inode = source.get(name);
      if (inode !== undefined) survivors.set(name, { ...inode, bytes: tornContent(inode, random) });
    }
    for (const inode of survivors.values()) {
      inode.durable = inode.bytes.slice();
      inode.unsynced = [];
    }
    this.names = survivors;
    this.durableNames = new Map(survivors);
  }

  /** The bytes of a file, for tests that damage it. */
  contentOf(path: string): Uint8Array {
    const inode = this.names.get(path);
    if (inode === undefined) throw new Error(`no file ${path}`);
    return inode.bytes;
  }

  setContent(path: string, bytes: Uint8Array): void {
    const inode = { bytes: bytes.slice(), durable: bytes.slice(), unsynced: [] };
    this.names.set(path, inode);
    this.durableNames.set(path, inode);
  }

  paths(): readonly string[] {
    return [...this.names.keys()].sort();
  }

  async open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile> {
    this.gate();
    let inode = this.names.get(path);
    if (mode === 'create') {
      if (inode !== undefined) throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
      inode = { bytes: new Uint8Array(0), durable: new Uint8Array(0), unsynced: [] };
      this.names.set(path, inode);
    }
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return this.handle(inode);
  }

  private handle(inode: Inode): OpenFile {
    return {
      write: async (bytes, position) => {
        const isShort = this.gate(true) === 'short';
        const taken = isShort ? Math.floor(bytes.length / 2) : bytes.length;
        const copy = bytes.slice(0, taken);
        inode.bytes = overlay(inode.bytes, position, copy);
        inode.unsynced.push({ at: position, bytes: copy });
        return taken;
      },
      read: async (bytes, position) => {
        this.gate();
        const part = inode.bytes.subarray(position, position + bytes.length);
        bytes.set(part);
        return part.length;
      },
      size: async () => inode.bytes.length,
      truncate: async (length) => {
        this.gate();
        inode.bytes = inode.bytes.slice(0, length);
        inode.durable = inode.durable.slice(0, length);
        inode.unsynced = [];
      },
      datasync: async () => {
        this.gate();
        inode.durable = inode.bytes.slice();
        inode.unsynced = [];
      },
      close: async () => undefined,
    };
  }

  async makeDirectory(): Promise<void> {
    this.gate();
  }

  async list(path: string): Promise<readonly string[]> {
    this.gate();
    const names = [...this.names.keys()].filter((name) => dirname(name) === path);
    return names.map((name) => name.slice(path.length + 1)).sort();
  }

  async rename(from: string, to: string): Promise<void> {
    this.gate();
    const inode = this.names.get(from);
    if (inode === undefined) throw Object.assign(new Error(`ENOENT: ${from}`), { code: 'ENOENT' });
    this.names.delete(from);
    this.names.set(to, inode);
  }

  async remove(path: string): Promise<void> {
    this.gate();
    if (!this.names.delete(path)) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
  }

  async syncDirectory(path: string): Promise<void> {
    this.gate();
    for (const name of new Set([...this.names.keys(), ...this.durableNames.keys()])) {
      if (dirname(name) !== path) continue;
      const inode = this.names.get(name);
      if (inode === undefined) this.durableNames.delete(name);
      else this.durableNames.set(name, inode);
    }
  }

  async sizeOf(path: string): Promise<number | undefined> {
    return this.names.get(path)?.bytes.length;
  }
}

function overlay(bytes: Uint8Array, at: number, part: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.max(bytes.length, at + part.length));
  out.set(bytes);
  out.set(part, at);
  return out;
}

/** Durable bytes plus an arbitrary choice of the unflushed sectors, in arbitrary order. */
function tornContent(inode: Inode, random: () => number): Uint8Array {
  let bytes: Uint8Array = inode.durable.slice();
  const sectors: { at: number; bytes: Uint8Array }[] = [];
  for (const write of inode.unsynced) {
    for (let i = 0; i < write.bytes.length; ) {
      const length = Math.min(512 - ((write.at + i) % 512), write.bytes.length - i);
      sectors.push({ at: write.at + i, bytes: write.bytes.subarray(i, i + length) });
      i += length;
    }
  }
  const share = random();
  for (const sector of sectors) if (random() < share) bytes = overlay(bytes, sector.at, sector.bytes);
  return bytes;
}
