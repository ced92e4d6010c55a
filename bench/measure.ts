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

/** One of several that do the same work. `run` does it once and returns how many operations it was. */
export interface Contender {
  readonly name: string;
  run(): number | Promise<number>;
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
      const operations = await contender.run();
      const nanos = ((threadCpuMs() - before) * 1e6) / operations;
      if (round > 0) times[i]?.push(nanos);
    }
  }
  return times.map(median);
}

let sink = 0;

/** Uses a result, so that no compiler may leave out the work behind it. */
export function use(value: number): void {
  sink = (sink + value) % 1e9;
}
