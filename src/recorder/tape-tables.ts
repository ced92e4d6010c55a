import { invariant } from '../base/index.ts';
import type { Instrument, Universe } from '../model/index.ts';
import type { IdMaps } from './event-block.ts';
import { BLOCK_HEADER_BYTES, BlockType, padded, sealBlock } from './tape-format.ts';

/** Body of a tables block: definitions from the given id upwards, in order of id. */
interface TableDefinitions {
  readonly symbols: { readonly from: number; readonly entries: readonly Instrument[] };
  readonly sources: { readonly from: number; readonly entries: readonly string[] };
  readonly exchanges: { readonly from: number; readonly entries: readonly string[] };
  readonly conditions: { readonly from: number; readonly entries: readonly string[] };
}

/** Writes what a segment does not define yet, so that every segment can be read alone. */
export class TableWriter {
  private symbols = 0;
  private sources = 1;
  private exchanges = 1;
  private conditions = 1;
  private readonly universe: Universe;

  constructor(universe: Universe) {
    this.universe = universe;
  }

  /** Forgets what was written: the next block defines everything, as the first of a segment does. */
  restart(): void {
    this.symbols = 0;
    this.sources = 1;
    this.exchanges = 1;
    this.conditions = 1;
  }

  /** A sealed block with the definitions that are new since the last one; `undefined` when there are none. */
  encodeNew(nextSeq: number, durableBytes: number): Uint8Array | undefined {
    const { universe } = this;
    const isComplete =
      this.symbols === universe.size &&
      this.sources === universe.sources.size &&
      this.exchanges === universe.exchanges.size &&
      this.conditions === universe.conditions.size;
    if (isComplete) return undefined;
    const definitions: TableDefinitions = {
      symbols: { from: this.symbols, entries: universe.instruments().slice(this.symbols) },
      sources: { from: this.sources, entries: textsFrom(universe.sources, this.sources) },
      exchanges: { from: this.exchanges, entries: textsFrom(universe.exchanges, this.exchanges) },
      conditions: { from: this.conditions, entries: textsFrom(universe.conditions, this.conditions) },
    };
    this.symbols = universe.size;
    this.sources = universe.sources.size;
    this.exchanges = universe.exchanges.size;
    this.conditions = universe.conditions.size;
    return encodeJsonBlock(BlockType.Tables, definitions, 1, nextSeq, durableBytes);
  }
}

function textsFrom(table: { readonly size: number; text(id: number): string }, from: number): string[] {
  return Array.from({ length: table.size - from }, (_, i) => table.text(from + i));
}

/** A sealed block whose payload is JSON. */
export function encodeJsonBlock(
  type: BlockType,
  body: unknown,
  count: number,
  nextSeq: number,
  durableBytes: number,
): Uint8Array {
  const payload = new TextEncoder().encode(JSON.stringify(body));
  const block = new Uint8Array(BLOCK_HEADER_BYTES + padded(payload.length));
  block.set(payload, BLOCK_HEADER_BYTES);
  sealBlock(block, type, payload.length, count, nextSeq, durableBytes);
  return block;
}

/** The ids of one segment's tables, translated to a reader's universe as definitions arrive. */
export class TableReader implements IdMaps {
  readonly symbols: number[] = [];
  readonly sources: number[] = [0];
  readonly exchanges: number[] = [0];
  readonly conditions: number[] = [0];
  private readonly universe: Universe | undefined;

  /** @param universe where definitions go; `undefined` for a reader that needs no events. */
  constructor(universe: Universe | undefined) {
    this.universe = universe;
  }

  restart(): void {
    this.symbols.length = 0;
    this.sources.length = 1;
    this.exchanges.length = 1;
    this.conditions.length = 1;
  }

  define(payload: Uint8Array): void {
    const { universe } = this;
    if (universe === undefined) return;
    const body = JSON.parse(new TextDecoder().decode(payload)) as TableDefinitions;
    place(this.symbols, body.symbols, (instrument) => universe.add(instrument));
    place(this.sources, body.sources, (text) => universe.sources.intern(text));
    place(this.exchanges, body.exchanges, (text) => universe.exchanges.intern(text));
    place(this.conditions, body.conditions, (text) => universe.conditions.intern(text));
  }
}

function place<T>(
  ids: number[],
  definitions: { readonly from: number; readonly entries: readonly T[] },
  intern: (entry: T) => number,
): void {
  // A lost definitions block leaves a hole in `ids`; events that need it are then reported as undecodable.
  invariant(Number.isSafeInteger(definitions.from) && definitions.from <= 1_000_000, 'tape table ids are small');
  definitions.entries.forEach((entry, i) => {
    ids[definitions.from + i] = intern(entry);
  });
}
