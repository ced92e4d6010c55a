export { parseDecimal, parseEpochMillis, wasNoNumber } from './decimal.ts';
export type { InputFile, InputHints, InputKind } from './input-file.ts';
export { describeFile, findInputFiles, INPUT_KINDS } from './input-file.ts';
export type { Pace } from './pace-events.ts';
export { paceEvents } from './pace-events.ts';
export type { ReadFilesOptions, ReadProgress } from './read-files.ts';
export { readFiles, verifyFiles } from './read-files.ts';
export type { EventSelection } from './select-events.ts';
export { selectEvents } from './select-events.ts';
