import { TickloomError } from '../../base/index.ts';
import type { Engine } from '../../engine/index.ts';
import type { MeterSnapshot, RunMeter } from './run-meter.ts';

const LENGTH_BYTES = 4;

/** An engine snapshot with the counters of the run before it: length of the counters' JSON, JSON, engine bytes; in pieces. */
export function writeRunSnapshot(engine: Engine, meter: RunMeter): readonly Uint8Array[] {
  const counters = new TextEncoder().encode(JSON.stringify(meter.snapshot()));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, counters.length, true);
  return [length, counters, ...engine.snapshotParts()];
}

/** Restores a new engine, and the counters where they are wanted. @throws TickloomError `bad-snapshot`. */
export function readRunSnapshot(bytes: Uint8Array, engine: Engine, meter?: RunMeter): void {
  if (bytes.length < LENGTH_BYTES) throw new TickloomError('bad-snapshot', 'The run snapshot is cut off.');
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const counters = bytes.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  engine.restore(bytes.subarray(LENGTH_BYTES + length));
  meter?.restore(JSON.parse(new TextDecoder().decode(counters)) as MeterSnapshot);
}
