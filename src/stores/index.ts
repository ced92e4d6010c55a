export type { Cell } from './column-batch.ts';
export { ColumnBatch } from './column-batch.ts';
export type { ColumnSpec, ColumnType, DataKind, DataSet } from './data-sets.ts';
export {
  BAR_DATA,
  dataSets,
  QUOTE_DATA,
  TRADE_DATA,
} from './data-sets.ts';
export { DuckReader } from './duck-reader.ts';
export type { ExportColumn, ExportKind } from './export-columns.ts';
export { checkExportKind } from './export-columns.ts';
export type { ExportRequest, RowReader } from './export-rows.ts';
export { exportRows } from './export-rows.ts';
export type { LakeCommit, LakeOptions, LakeState, PartReader } from './lake-commit.ts';
export { LakeCommitter } from './lake-committer.ts';
export type { LakeManifest, LakePart } from './lake-manifest.ts';
export { dateOfMicros } from './lake-rows.ts';
export type { LakeStoreOptions } from './lake-store.ts';
export { LakeStore } from './lake-store.ts';
export { MemoryStore } from './memory-store.ts';
export type { ParquetOptions } from './parquet-writer.ts';
export { writeParquet } from './parquet-writer.ts';
export { ReferenceDatabase } from './reference-database.ts';
export type { StoreBackEnd, StoreContext } from './registry.ts';
export { STORE_BACK_ENDS } from './registry.ts';
export { sortedRows } from './row-order.ts';
export type { SinkStore } from './sink-target.ts';
export { checkSqliteFile, sqliteVersion } from './sqlite-database.ts';
export { isSafeSqlite, MIN_SQLITE_VERSION } from './sqlite-schema.ts';
export type { SqliteStoreOptions } from './sqlite-store.ts';
export { SqliteStore } from './sqlite-store.ts';
export type {
  BarRow,
  FeatureRow,
  GapRow,
  Page,
  QuarantineRow,
  QuoteRow,
  RangeQuery,
  RowOf,
  Store,
  StoreCounters,
  TradeRow,
} from './store.ts';
export type { BarRebuild, StoreSinkCounters, StoreSinkOptions } from './store-sink.ts';
export { StoreSink } from './store-sink.ts';
export { ulid } from './ulid.ts';
