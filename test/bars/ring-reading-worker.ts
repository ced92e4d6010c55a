import { parentPort, workerData } from 'node:worker_threads';
import { type TickRingLocation, TickRingReader, tickColumns } from '../../src/bars/index.ts';

/** Reads a ring that another thread fills and checks that the columns of each tick belong together. */
const reader = new TickRingReader(workerData as TickRingLocation);
const into = tickColumns(700);
let read = 0;
let torn = 0;
let last = -1;
while (read < 200_000) {
  const count = reader.read(into);
  for (let i = 0; i < count; i++) {
    const n = (into.tsEventUs[i] as number) / 1000;
    const isWhole = into.price[i] === n + 0.25 && into.size[i] === n + 1 && n > last;
    if (!isWhole) torn++;
    last = n;
  }
  read += count;
}
parentPort?.postMessage({ read, lost: reader.lost, torn });
