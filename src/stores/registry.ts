import { join } from 'node:path';
import type { DataKind } from './data-sets.ts';
import { LAKE_KINDS, LakeStore } from './lake-store.ts';
import { MemoryStore } from './memory-store.ts';
import { SQLITE_KINDS } from './sqlite-schema.ts';
import { SqliteStore } from './sqlite-store.ts';
import type { Store } from './store.ts';

/** What opening a store needs to know. */
export interface StoreContext {
  /** The data directory. */
  readonly directory: string;
  readonly featureNames: readonly string[];
  readonly run: string;
  readonly mode: 'append' | 'replace';
}

/** A back end: one file, one line here, and the contract suite runs on it. */
export interface StoreBackEnd {
  readonly name: string;
  readonly kinds: readonly DataKind[];
  /** Whether rows are still there after closing and opening again. */
  readonly isDurable: boolean;
  open(context: StoreContext): Promise<Store>;
}

export const STORE_BACK_ENDS: readonly StoreBackEnd[] = [
  {
    name: 'memory',
    kinds: ['bars', 'trades', 'quotes', 'features', 'quarantine', 'gaps'],
    isDurable: false,
    open: async () => new MemoryStore(),
  },
  {
    name: 'sqlite',
    kinds: SQLITE_KINDS,
    isDurable: true,
    open: ({ directory, mode }) => SqliteStore.open({ path: join(directory, 'tickloom.db'), mode }),
  },
  {
    name: 'lake',
    kinds: LAKE_KINDS,
    isDurable: true,
    open: (context) => LakeStore.open(context),
  },
];
