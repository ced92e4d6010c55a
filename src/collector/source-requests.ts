import { TickloomError, UsageError } from '../base/index.ts';
import {
  type BreakerState,
  type Clock,
  GuardedCalls,
  type HttpAnswer,
  HttpClient,
  type HttpRequest,
  type Log,
  RateLimiter,
} from '../host/index.ts';
import type { Adapter, AdapterDefinition, Refusal, SourceError, SymbolQuestion } from '../sources/index.ts';

const TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1_048_576;
const RETRIES = 4;
/** Pause after a refusal for its limits that names none. */
const LIMIT_PAUSE_MS = 60_000;
/** How often an answer that says "later" is asked for again. */
const MAX_PAUSES = 5;

/** Codes of failures that may pass by themselves. */
const TRANSIENT = new Set(['http-failed', 'http-timeout', 'refused-retry']);

export interface SourceRequestsOptions {
  readonly adapter: Adapter;
  readonly definition: AdapterDefinition;
  readonly clock: Clock;
  readonly log: Log;
  readonly poolSize: number;
  /** File that keeps what was spent of the limits. */
  readonly limitsPath: string;
  readonly ca?: string;
}

/** The requests to one source: within its plan, behind its breaker, with its own words in errors. */
export class SourceRequests {
  /** The latest failure, for people. */
  lastError: SourceError | undefined;
  private readonly options: SourceRequestsOptions;
  private readonly http: HttpClient;
  private readonly calls: GuardedCalls;
  private readonly limiter: RateLimiter;

  constructor(options: SourceRequestsOptions) {
    const { adapter, definition, clock, limitsPath, poolSize, ca } = options;
    if (adapter.restUrl === undefined) throw new TickloomError('invariant', `${adapter.id} has no address to ask.`);
    this.options = options;
    this.http = new HttpClient({
      baseUrl: adapter.restUrl,
      poolSize,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_ANSWER_BYTES,
      ...(ca === undefined ? {} : { ca }),
    });
    this.limiter = new RateLimiter({ name: adapter.id, limits: adapter.limits, path: limitsPath, clock });
    this.calls = new GuardedCalls({
      name: adapter.id,
      failures: definition.breaker.failures,
      openMs: definition.breaker.openMs,
      concurrent: adapter.limits.concurrent,
      retries: RETRIES,
      isTransient: (error) => error instanceof TickloomError && TRANSIENT.has(error.code),
    });
  }

  get breaker(): BreakerState {
    return this.calls.state;
  }

  remaining(): ReturnType<RateLimiter['remaining']> {
    return this.limiter.remaining();
  }

  /**
   * A good answer. @throws TickloomError `quota-spent`, `breaker-open`, `refused-retry` and `http-…` for what may be
   * better later; `refused-symbol`, `refused` for what will not.
   * @param isBackground waits until nothing else is wanted, and leaves a part of the plan for what is
   */
  async ask(request: HttpRequest, signal?: AbortSignal, isBackground = false): Promise<HttpAnswer> {
    for (let pauses = 0; ; pauses++) {
      try {
        if (isBackground) await this.limiter.room(request.cost ?? 1, signal);
        return await this.calls.run(() => this.once(request, signal), signal);
      } catch (error) {
        const code = error instanceof TickloomError ? error.code : 'failed';
        const message = error instanceof Error ? error.message : String(error);
        this.lastError = { code, message, atUs: this.options.clock.nowUs() };
        if (!(error instanceof TickloomError) || error.code !== 'refused-wait' || pauses >= MAX_PAUSES) throw error;
      }
    }
  }

  private async once(request: HttpRequest, signal: AbortSignal | undefined): Promise<HttpAnswer> {
    const { adapter, log } = this.options;
    await this.limiter.take(request.cost ?? 1, signal);
    const answer = await this.http.get(request, signal);
    const refusal = adapter.refusal(answer);
    if (refusal === undefined) return answer;
    const fields = { source: adapter.id, code: refusal.code, status: answer.status };
    log.debug('source_refused', refusal.message, fields);
    throw this.errorOf(refusal);
  }

  private errorOf({ code, message, remedy, retryAfterMs }: Refusal): TickloomError {
    const { id } = this.options.adapter;
    const said = `${id} answered ${code}: ${message}`;
    const subject = { subject: code };
    switch (remedy) {
      case 'retry':
      case 'ignore':
        return new TickloomError('refused-retry', said, subject);
      case 'wait':
        this.limiter.pause(retryAfterMs ?? LIMIT_PAUSE_MS);
        return new TickloomError('refused-wait', said, subject);
      case 'spent':
        return new TickloomError('quota-spent', said, subject);
      case 'symbol':
        return new TickloomError('refused-symbol', said, subject);
      case 'stop':
        return new TickloomError('refused', said, subject);
    }
  }

  /**
   * Asks whether the provider carries the symbols, where it would otherwise be silent about a wrong one.
   * @throws UsageError naming those that it does not.
   */
  async checkSymbols(symbols: readonly string[], signal: AbortSignal): Promise<void> {
    const { adapter } = this.options;
    const missing: string[] = [];
    for (const question of adapter.listing?.(symbols) ?? []) missing.push(...(await this.missingOf(question, signal)));
    if (missing.length === 0) return;
    throw new UsageError(
      `symbols: ${adapter.id} does not carry ${missing.join(', ')}; take it out, or map it with sources.${adapter.id}.symbols.`,
      { subject: 'symbols' },
    );
  }

  /** The symbols of a question that are not there; where it gets no answer, none, and the log says so. */
  private async missingOf({ symbols, request, read }: SymbolQuestion, signal: AbortSignal): Promise<readonly string[]> {
    const { adapter, log } = this.options;
    try {
      return read(await this.ask(request, signal));
    } catch (error) {
      const refusal = error instanceof TickloomError && error.code === 'refused-symbol' ? error.subject : undefined;
      // A plan that does not hold the question says nothing about the symbol.
      if (refusal === undefined || /403|NOT_AUTHORIZED/.test(refusal)) {
        const reason = error instanceof Error ? error.message : String(error);
        const fields = { source: adapter.id, reason };
        // Of a host that can not be reached the stream has more to say.
        const isSilent = error instanceof TickloomError && error.code.startsWith('http-');
        if (isSilent) log.debug('symbols_unchecked', 'the symbols could not be checked', fields);
        else log.warn('symbols_unchecked', 'the symbols could not be checked', fields);
        return [];
      }
      if (symbols.length === 1) return symbols;
      const missing: string[] = [];
      for (const symbol of symbols) {
        for (const each of adapter.listing?.([symbol]) ?? []) missing.push(...(await this.missingOf(each, signal)));
      }
      return missing;
    }
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}
