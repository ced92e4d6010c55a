/** CPU time of this thread in milliseconds; other processes on the same cores move it little. */
export function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Work done, and the CPU time that counts for it where not all of the run does. */
export interface Work {
  readonly operations: number;
  readonly cpuMs: number;
}

/** One of several that do the same work. `run` does it once and returns how many operations it was. */
export interface Contender {
  readonly name: string;
  run(): number | Work | Promise<number>;
}

/**
 * Lets the contenders run in turn, `rounds` times, after one round that is not counted, so that a busy moment of the
 * machine meets all of them. Returns the median CPU time of this thread per operation in nanoseconds, in their order.
 */
export async function cpuNanosInTurn(contenders: readonly Contender[], rounds = 5): Promise<readonly number[]> {
  const times = contenders.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contender] of contenders.entries()) {
      const before = threadCpuMs();
      const done = await contender.run();
      const cpuMs = threadCpuMs() - before;
      const work = typeof done === 'number' ? { operations: done, cpuMs } : done;
      if (round > 0) times[i]?.push((work.cpuMs * 1e6) / work.operations);
    }
  }
  return times.map(median);
}

let sink = 0;

/** Uses a result, so that no compiler may leave out the work behind it. */
export function use(value: number): void {
  sink = (sink + value) % 1e9;
}
