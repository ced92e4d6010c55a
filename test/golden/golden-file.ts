import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One case of a golden file: inputs, parameters and what must come out. */
export interface GoldenCase {
  readonly name: string;
  readonly params: JsonObject;
  readonly input: JsonObject;
  readonly expected: JsonObject;
}

export interface GoldenFile {
  readonly id: string;
  readonly tolerance: number;
  readonly cases: readonly GoldenCase[];
}

/** Computes a case with the implementation; the result is compared with `expected` by the same keys. */
export type GoldenChecker = (golden: GoldenCase, file: GoldenFile) => JsonObject | string;

/** Thrown for a folder or a file that cannot be read as golden cases. */
export class GoldenInputError extends Error {
  override readonly name = 'GoldenInputError';
}

/** Paths of the golden files of a folder, by name. @throws GoldenInputError when there is no such folder or none in it. */
export function goldenFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new GoldenInputError(`"${folder}" is no folder; wanted is a folder with golden *.json files.`);
  }
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
  if (files.length === 0) throw new GoldenInputError(`"${folder}" holds no *.json file.`);
  return files.map((name) => join(folder, name));
}

/** @throws GoldenInputError naming what is wrong with the file. */
export function readGolden(path: string): GoldenFile {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new GoldenInputError(`${path} cannot be read: ${(cause as Error).message}`);
  }
  if (!isObject(content) || typeof content.id !== 'string' || !Array.isArray(content.cases)) {
    throw new GoldenInputError(`${path} has no text "id" and list "cases".`);
  }
  const cases = content.cases.map((entry: Json, index): GoldenCase => {
    if (!isObject(entry) || !isObject(entry.expected ?? null)) {
      throw new GoldenInputError(`${path}: case ${index} has no object "expected".`);
    }
    return {
      name: typeof entry.name === 'string' ? entry.name : `case ${index}`,
      params: objectOf(entry.params),
      input: objectOf(entry.input),
      expected: objectOf(entry.expected),
    };
  });
  return { id: content.id, tolerance: typeof content.tolerance_abs === 'number' ? content.tolerance_abs : 0, cases };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}

/** The list of numbers under a key; null becomes NaN. @throws GoldenInputError when it is something else. */
export function numbersOf(object: JsonObject, key: string): number[] {
  const list = object[key];
  if (!Array.isArray(list)) throw new GoldenInputError(`"${key}" is no list.`);
  return list.map((value) => (typeof value === 'number' ? value : Number.NaN));
}

/**
 * The first place where `actual` differs from `expected`, as one sentence; undefined when they agree. Keys that are not
 * expected do not matter. NaN in `actual` is null.
 */
export function firstDifference(
  expected: Json,
  actual: Json | undefined,
  tolerance: number,
  path = '',
): string | undefined {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return `${path}: expected a list, got ${show(actual)}`;
    if (actual.length !== expected.length) return `${path}: expected ${expected.length} values, got ${actual.length}`;
    for (let i = 0; i < expected.length; i++) {
      const found = firstDifference(expected[i] as Json, actual[i], tolerance, `${path}[${i}]`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (isObject(expected)) {
    if (!isObject(actual)) return `${path}: expected an object, got ${show(actual)}`;
    for (const [key, value] of Object.entries(expected)) {
      const found = firstDifference(value, actual[key], tolerance, path === '' ? key : `${path}.${key}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const found = typeof actual === 'number' && Number.isNaN(actual) ? null : actual;
  const isClose = typeof expected === 'number' && typeof found === 'number' && Math.abs(expected - found) <= tolerance;
  if (isClose || Object.is(expected, found) || expected === found) return undefined;
  return `${path}: expected ${show(expected)}, got ${show(found)} (tolerance ${tolerance})`;
}

function show(value: Json | undefined): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}
