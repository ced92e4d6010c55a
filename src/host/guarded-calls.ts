import {
  BrokenCircuitError,
  type BulkheadPolicy,
  bulkhead,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhen,
  type RetryPolicy,
  retry,
  TaskCancelledError,
} from 'cockatiel';
import { TickloomError } from '../base/index.ts';

export interface GuardOptions {
  /** Whose calls they are, for messages. */
  readonly name: string;
  /** Consecutive failures that open the breaker, and how long it stays open. */
  readonly failures: number;
  readonly openMs: number;
  /** Calls at once; further ones wait. */
  readonly concurrent: number;
  /** How often a call is tried again before it has failed. */
  readonly retries: number;
  /** Whether a failure is the other side's and may pass: only such ones are tried again and counted. */
  isTransient(error: unknown): boolean;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Calls that may wait for their turn; beyond it they fail at once (policy `halt`). */
const MAX_WAITING = 10_000;

/** Calls to one other side, behind retry with jittered backoff, a circuit breaker and a bulkhead. */
export class GuardedCalls {
  private readonly options: GuardOptions;
  private readonly retry: RetryPolicy;
  private readonly breaker: CircuitBreakerPolicy;
  private readonly bulkhead: BulkheadPolicy;

  constructor(options: GuardOptions) {
    this.options = options;
    const failures = handleWhen((error) => options.isTransient(error));
    this.retry = retry(failures, {
      maxAttempts: options.retries,
      backoff: new ExponentialBackoff({ initialDelay: 250, maxDelay: 10_000 }),
    });
    this.breaker = circuitBreaker(failures, {
      breaker: new ConsecutiveBreaker(options.failures),
      halfOpenAfter: options.openMs,
    });
    this.bulkhead = bulkhead(options.concurrent, MAX_WAITING);
  }

  get state(): BreakerState {
    if (this.breaker.state === CircuitState.Closed) return 'closed';
    return this.breaker.state === CircuitState.HalfOpen ? 'half-open' : 'open';
  }

  /** @throws TickloomError `breaker-open` while the other side is left alone; whatever the call throws otherwise. */
  async run<Value>(call: () => Promise<Value>, signal?: AbortSignal): Promise<Value> {
    try {
      return await this.retry.execute(() => this.breaker.execute(() => this.bulkhead.execute(call), signal), signal);
    } catch (error) {
      if (error instanceof BrokenCircuitError) {
        throw new TickloomError(
          'breaker-open',
          `${this.options.name} failed too often and is left alone for a while.`,
          {
            subject: this.options.name,
          },
        );
      }
      if (error instanceof TaskCancelledError)
        throw new TickloomError('aborted', `${this.options.name}: not asked any more.`);
      throw error;
    }
  }
}
