/**
 * Runs tasks side by side, at most `limit` of them (policy `block`: the caller waits for a place). The first failure is
 * kept and thrown at the next {@link room} and at the end; nothing is under way any more when {@link settle} is through.
 */
export class BoundedTasks {
  private readonly limit: number;
  private readonly running = new Set<Promise<void>>();
  private failure: { readonly error: unknown } | undefined;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Waits until there is a place. @throws the failure of an earlier task */
  async room(): Promise<void> {
    while (this.running.size >= this.limit) await Promise.race(this.running);
    if (this.failure !== undefined) throw this.failure.error;
  }

  /** Starts a task; the caller has waited for {@link room}. */
  start(task: () => Promise<void>): void {
    const run = this.run(task);
    this.running.add(run);
    void run.then(() => this.running.delete(run));
  }

  private async run(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.failure ??= { error };
    }
  }

  /** Waits for every task. @throws the first failure */
  async settle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
    if (this.failure !== undefined) throw this.failure.error;
  }
}

/** Does `work` for every item, at most `limit` at a time; stops at the first failure, and throws it when all is quiet. */
export async function forEachBounded<Item>(
  items: Iterable<Item>,
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const tasks = new BoundedTasks(limit);
  try {
    for (const item of items) {
      await tasks.room();
      tasks.start(() => work(item));
    }
  } finally {
    await tasks.settle();
  }
}
