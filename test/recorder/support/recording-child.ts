import { systemClock } from '../../../src/host/index.ts';
import { Universe } from '../../../src/model/index.ts';
import { Recorder } from '../../../src/recorder/index.ts';
import { DemoSource } from '../../../src/sources/index.ts';

/** Records the demo until it is killed, and says after every commit which sequence number is durable. */
const universe = new Universe();
const recorder = await Recorder.open({ dataDir: process.argv[2] as string, universe, segmentBytes: 200_000 });
const source = new DemoSource({ universe, clock: systemClock }, { rate: 20_000, intervalMs: 5 });
const id = `run-${recorder.lastSeq}-${process.pid}`;
await recorder.runs.start({ id, startedUs: systemClock.nowUs(), firstSeq: recorder.lastSeq + 1, engine: {} });
let told = 0;
for await (const batch of source.stream(new AbortController().signal, { afterUs: systemClock.nowUs() })) {
  recorder.append(batch);
  await recorder.ready();
  if (recorder.durableSeq <= told) continue;
  told = recorder.durableSeq;
  process.stdout.write(`${told}\n`);
}
