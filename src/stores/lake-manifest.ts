import { TickloomError } from '../base/index.ts';
import { type FileSystem, readFully } from '../host/index.ts';
import type { DataSet } from './data-sets.ts';

/** One Parquet file of a data set. */
export interface LakePart {
  /** Path below the data set's root, with `/`. */
  readonly path: string;
  readonly timeframe?: string;
  /** UTC date of the partition, `YYYY-MM-DD`. */
  readonly date: string;
  readonly rows: number;
  readonly bytes: number;
  readonly minUs: number;
  readonly maxUs: number;
  /** The run that wrote it. */
  readonly run: string;
}

/** The consistent list of a data set's files: `lake-meta/<name>.json`. */
export interface LakeManifest {
  /** Kind and schema version, for example `bars/1`. */
  readonly schema: string;
  /** Folder below the lake's root: the kind, or `<kind>_v<n>` for a later schema. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly state: 'ok';
  readonly rows: number;
  readonly minUs: number | null;
  readonly maxUs: number | null;
  readonly parts: readonly LakePart[];
}

/** What a commit is about to make true; written before it is applied, so that a crash in between rolls forward. */
export interface LakeIntent {
  readonly renames: readonly { readonly staged: string; readonly name: string; readonly path: string }[];
  readonly removals: readonly { readonly name: string; readonly path: string }[];
  readonly manifests: readonly LakeManifest[];
  readonly coveredSeq: number;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(`${JSON.stringify(value)}\n`);
}

/** Reads a JSON file; `undefined` when there is none. @throws TickloomError `lake-damaged` when it does not parse. */
export async function readJson(files: FileSystem, path: string): Promise<unknown> {
  const bytes = await readFully(files, path);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch (cause) {
    throw new TickloomError(
      'lake-damaged',
      `${path} is not valid JSON; restore it, or move the lake away and rebuild it.`,
      {
        subject: path,
        cause,
      },
    );
  }
}

/** A manifest without parts. */
export function emptyManifest(dataSet: DataSet, name: string): LakeManifest {
  return {
    schema: `${dataSet.kind}/${dataSet.version}`,
    name,
    columns: dataSet.columns.map((spec) => spec.name),
    state: 'ok',
    rows: 0,
    minUs: null,
    maxUs: null,
    parts: [],
  };
}

/** The manifest after some parts went and others came. */
export function withParts(
  manifest: LakeManifest,
  removed: ReadonlySet<string>,
  added: readonly LakePart[],
): LakeManifest {
  const parts = [...manifest.parts.filter((part) => !removed.has(part.path)), ...added];
  return {
    ...manifest,
    parts,
    rows: parts.reduce((sum, part) => sum + part.rows, 0),
    minUs: parts.length === 0 ? null : parts.reduce((least, part) => Math.min(least, part.minUs), Number.MAX_VALUE),
    maxUs: parts.length === 0 ? null : parts.reduce((most, part) => Math.max(most, part.maxUs), -Number.MAX_VALUE),
  };
}

/** @throws TickloomError `lake-damaged` when the value has not the shape of a manifest, or names a path outside. */
export function checkManifest(value: unknown, path: string): LakeManifest {
  const manifest = value as LakeManifest;
  const isGood =
    typeof value === 'object' &&
    value !== null &&
    typeof manifest.schema === 'string' &&
    /^[a-z]+(_v\d+)?$/.test(String(manifest.name)) &&
    Array.isArray(manifest.columns) &&
    Array.isArray(manifest.parts) &&
    manifest.parts.every(
      (part) => isPartPath(part?.path) && Number.isFinite(part.minUs) && Number.isFinite(part.maxUs),
    );
  if (isGood) return manifest;
  throw new TickloomError('lake-damaged', `${path} is no manifest of this lake; restore it, or rebuild the lake.`, {
    subject: path,
  });
}

const PART_PATH = /^(timeframe=\d+[smhdwM]\/)?date=\d{4}-\d{2}-\d{2}\/part-[0-9A-HJKMNP-TV-Z]{26}\.parquet$/;

function isPartPath(path: unknown): boolean {
  return typeof path === 'string' && PART_PATH.test(path);
}

/** Folder of a partition below the data set's root. */
export function partitionPath(timeframe: string | undefined, date: string): string {
  return timeframe === undefined ? `date=${date}` : `timeframe=${timeframe}/date=${date}`;
}
