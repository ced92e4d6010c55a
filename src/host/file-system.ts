import {
  closeSync,
  fdatasync,
  fstatSync,
  fsync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { constants, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { promisify } from 'node:util';

/** An open file. Every call may fail; `write` may be short, as the system call may. */
export interface OpenFile {
  /** Writes at `position`; resolves to the number of bytes written, which may be fewer than asked. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Reads into `bytes` from `position`; resolves to the number of bytes read, 0 at the end. */
  read(bytes: Uint8Array, position: number): Promise<number>;
  size(): Promise<number>;
  truncate(length: number): Promise<void>;
  /** fdatasync: on return the bytes (and the length) survive a crash of the operating system. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file operations that durable storage is made of. A port, so that tests fail the Nth call or lose unsynced writes.
 */
export interface FileSystem {
  /** `create` fails when the file exists; `write` opens an existing file for reading and writing. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<OpenFile>;
  makeDirectory(path: string): Promise<void>;
  /** Sorted names; empty when the directory does not exist. */
  list(path: string): Promise<readonly string[]>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes creations, renames and removals inside the directory durable. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes of a file, `undefined` when there is none. */
  sizeOf(path: string): Promise<number | undefined>;
}

class NodeFile implements OpenFile {
  private readonly handle: FileHandle;

  constructor(handle: FileHandle) {
    this.handle = handle;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.handle.write(bytes, 0, bytes.length, position)).bytesWritten;
  }

  async read(bytes: Uint8Array, position: number): Promise<number> {
    return (await this.handle.read(bytes, 0, bytes.length, position)).bytesRead;
  }

  async size(): Promise<number> {
    return (await this.handle.stat()).size;
  }

  truncate(length: number): Promise<void> {
    return this.handle.truncate(length);
  }

  datasync(): Promise<void> {
    return this.handle.datasync();
  }

  close(): Promise<void> {
    return this.handle.close();
  }
}

const FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const;

/** Files for every thread: all operations run off the event loop. */
export const nodeFileSystem: FileSystem = {
  async open(path, mode) {
    return new NodeFile(await open(path, FLAGS[mode], 0o600));
  },
  async makeDirectory(path) {
    await mkdir(path, { recursive: true });
  },
  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
  rename,
  remove: unlink,
  async syncDirectory(path) {
    if (process.platform === 'win32') return; // Windows has no directory handles to flush.
    const handle = await open(path, constants.O_RDONLY);
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async sizeOf(path) {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
};

const fsyncPooled = promisify(fsync);
const fdatasyncPooled = promisify(fdatasync);

class ThreadFile implements OpenFile {
  private readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  async write(bytes: Uint8Array, position: number): Promise<number> {
    return writeSync(this.fd, bytes, 0, bytes.length, position);
  }

  async read(bytes: Uint8Array, position: number): Promise<number> {
    return readSync(this.fd, bytes, 0, bytes.length, position);
  }

  async size(): Promise<number> {
    return fstatSync(this.fd).size;
  }

  async truncate(length: number): Promise<void> {
    ftruncateSync(this.fd, length);
  }

  datasync(): Promise<void> {
    return fdatasyncPooled(this.fd);
  }

  async close(): Promise<void> {
    closeSync(this.fd);
  }
}

/**
 * Files for a thread that does nothing else: everything but syncing blocks it, because on a small file a hop through the
 * thread pool costs several times the call. Syncs go through the pool, where those issued together share the disk's
 * journal commits.
 */
export const threadFileSystem: FileSystem = {
  async open(path, mode) {
    return new ThreadFile(openSync(path, FLAGS[mode], 0o600));
  },
  async makeDirectory(path) {
    mkdirSync(path, { recursive: true });
  },
  list: nodeFileSystem.list,
  async rename(from, to) {
    renameSync(from, to);
  },
  async remove(path) {
    unlinkSync(path);
  },
  async syncDirectory(path) {
    if (process.platform === 'win32') return; // Windows has no directory handles to flush.
    const fd = openSync(path, constants.O_RDONLY);
    try {
      await fsyncPooled(fd);
    } finally {
      closeSync(fd);
    }
  },
  async sizeOf(path) {
    return statSync(path, { throwIfNoEntry: false })?.size;
  },
};

/** The system's code of a failed call (`ENOSPC`, `EIO`, …), `undefined` where the failure has none. */
export function systemCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

function isMissing(error: unknown): boolean {
  return systemCode(error) === 'ENOENT';
}

/** Writes all of `bytes`, continuing after short writes. */
export async function writeFully(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const written = await file.write(done === 0 ? bytes : bytes.subarray(done), position + done);
    if (written <= 0) throw Object.assign(new Error('The disk took no bytes.'), { code: 'ENOSPC' });
    done += written;
  }
}

/** Reads a whole file; `undefined` when there is none. */
export async function readFully(files: FileSystem, path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const size = await files.sizeOf(path);
  if (size === undefined) return undefined;
  const file = await files.open(path, 'read');
  try {
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const got = await file.read(bytes.subarray(done), done);
      if (got === 0) break;
      done += got;
    }
    return done === size ? bytes : bytes.slice(0, done);
  } finally {
    await file.close();
  }
}
