import { join } from 'node:path';
import { TickloomError } from '../base/index.ts';
import { type FileSystem, readFully } from '../host/index.ts';
import { writeAtomically } from './atomic-file.ts';
import { listDirectory, storageError } from './tape-directory.ts';

/** One start of a live engine. */
export interface RunRecord {
  readonly id: string;
  readonly state: 'open' | 'ended' | 'killed';
  readonly startedUs: number;
  readonly endedUs?: number;
  /** The run's events are [firstSeq, lastSeq]; lastSeq is absent while the run is open. */
  readonly firstSeq: number;
  readonly lastSeq?: number;
  /** Snapshot that the engine started from; absent for a fresh engine. */
  readonly startSnapshot?: string;
  /** Digest of all outputs at the end; absent when the run was killed. */
  readonly digest?: string;
  /** Whatever is needed to build the same engine again: plain JSON. */
  readonly engine: unknown;
}

const RUN_ID = /^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$/;

/** The runs of a tape: one small JSON file each, replaced as a whole. */
export class RunsCatalogue {
  private readonly files: FileSystem;
  private readonly directory: string;

  constructor(files: FileSystem, tapeDirectory: string) {
    this.files = files;
    this.directory = join(tapeDirectory, 'runs');
  }

  /** @throws TickloomError `run-exists` when the id was used before. */
  async start(run: Omit<RunRecord, 'state' | 'endedUs' | 'lastSeq' | 'digest'>): Promise<RunRecord> {
    if (!RUN_ID.test(run.id)) {
      throw new TickloomError('bad-run-id', `"${run.id}" is no run id: 1 to 64 of A-Z a-z 0-9 . _ -.`);
    }
    if ((await this.files.sizeOf(this.path(run.id))) !== undefined) {
      throw new TickloomError('run-exists', `There is a run ${run.id} already.`, { subject: run.id });
    }
    const record: RunRecord = { ...run, state: 'open' };
    await this.put(record);
    return record;
  }

  async end(id: string, end: { endedUs: number; lastSeq: number; digest: string }): Promise<RunRecord> {
    const record: RunRecord = { ...(await this.get(id)), ...end, state: 'ended' };
    await this.put(record);
    return record;
  }

  /** Seals the runs that a crash left open: their last event is the last one before the next run (or of the tape). */
  async sealKilled(lastSeq: number): Promise<readonly RunRecord[]> {
    const runs = await this.list();
    const sealed: RunRecord[] = [];
    for (const [i, run] of runs.entries()) {
      if (run.state !== 'open') continue;
      const next = runs[i + 1];
      const last = next === undefined ? lastSeq : next.firstSeq - 1;
      const record: RunRecord = { ...run, state: 'killed', lastSeq: last };
      await this.put(record);
      sealed.push(record);
    }
    return sealed;
  }

  /** All runs by first event, then start. */
  async list(): Promise<readonly RunRecord[]> {
    const runs: RunRecord[] = [];
    for (const name of await listDirectory(this.files, this.directory)) {
      if (name.endsWith('.json')) runs.push(await this.readRun(name.slice(0, -5)));
    }
    return runs.sort((a, b) => a.firstSeq - b.firstSeq || a.startedUs - b.startedUs);
  }

  /**
   * @param id a run's id, or `latest`.
   * @throws TickloomError `unknown-run` naming the runs that exist.
   */
  async get(id: string): Promise<RunRecord> {
    const runs = await this.list();
    const run = id === 'latest' ? runs.at(-1) : runs.find((candidate) => candidate.id === id);
    if (run === undefined) {
      const known = runs.map((candidate) => candidate.id).slice(-5);
      const hint = known.length === 0 ? 'there are none yet' : `the last ones are ${known.join(', ')}`;
      throw new TickloomError('unknown-run', `There is no run "${id}"; ${hint}.`, { subject: id });
    }
    return run;
  }

  private async readRun(id: string): Promise<RunRecord> {
    const path = this.path(id);
    const bytes = await readFully(this.files, path).catch((error: unknown) => {
      throw storageError('read', path, error);
    });
    try {
      const record = JSON.parse(new TextDecoder().decode(bytes)) as RunRecord;
      if (record.id !== id || !Number.isSafeInteger(record.firstSeq)) throw new Error('its fields do not fit');
      return record;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new TickloomError('run-damaged', `The run record ${path} cannot be read: ${reason}.`, {
        subject: path,
        cause: error,
      });
    }
  }

  private async put(record: RunRecord): Promise<void> {
    try {
      await this.files.makeDirectory(this.directory);
      const text = `${JSON.stringify(record, null, 2)}\n`;
      await writeAtomically(this.files, this.path(record.id), [new TextEncoder().encode(text)]);
    } catch (error) {
      throw storageError('write the run record', this.path(record.id), error);
    }
  }

  private path(id: string): string {
    return join(this.directory, `${id}.json`);
  }
}
