import { type MessagePort, parentPort, type Transferable, Worker } from 'node:worker_threads';
import { TickloomError } from '../base/index.ts';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: { readonly code: string; readonly message: string; readonly subject?: string };
}

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A worker thread that answers calls one after the other. A coded error comes back with its code; the death of the
 * thread rejects every open call and all later ones with `worker-gone`.
 */
export class CallWorker {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  private gone: TickloomError | undefined;

  /** @param url module of the thread, beside the caller; it runs {@link serveCalls}. */
  constructor(url: URL) {
    this.worker = new Worker(url);
    this.worker.on('message', (answer: Answer) => this.settle(answer));
    this.worker.on('error', (error) => this.end(`A worker thread failed: ${describe(error).message}`, error));
    this.worker.on('exit', (code) => this.end(`A worker thread ended with status ${code}.`));
    this.worker.unref();
  }

  /** Calls a handler of the thread; `transfer` moves buffers there instead of copying them. */
  call<Value>(name: string, argument: unknown, transfer: readonly Transferable[] = []): Promise<Value> {
    if (this.gone !== undefined) return Promise.reject(this.gone);
    const id = this.nextId++;
    return new Promise<Value>((resolve, reject) => {
      this.waiting.set(id, { resolve: resolve as (value: unknown) => void, reject });
      this.worker.ref();
      this.worker.postMessage({ id, name, argument } satisfies Call, transfer);
    });
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private settle(answer: Answer): void {
    const waiting = this.waiting.get(answer.id);
    this.waiting.delete(answer.id);
    if (this.waiting.size === 0) this.worker.unref();
    if (waiting === undefined) return;
    const { failure } = answer;
    if (failure === undefined) waiting.resolve(answer.value);
    else {
      const subject = failure.subject === undefined ? {} : { subject: failure.subject };
      waiting.reject(new TickloomError(failure.code, failure.message, subject));
    }
  }

  private end(message: string, cause?: unknown): void {
    this.gone ??= new TickloomError('worker-gone', message, { cause });
    for (const waiting of this.waiting.values()) waiting.reject(this.gone);
    this.waiting.clear();
  }
}

/** Address of a thread's module beside the caller: TypeScript in development, JavaScript in the package. */
export function siblingModule(name: string, callerUrl: string): URL {
  return new URL(`./${name}${callerUrl.endsWith('.ts') ? '.ts' : '.js'}`, callerUrl);
}

/** In the thread: answers each call by the handler of its name, in the order of the calls. */
export function serveCalls(handlers: Readonly<Record<string, (argument: never) => unknown>>): void {
  const port = parentPort as MessagePort;
  let queue: Promise<void> = Promise.resolve();
  port.on('message', (call: Call) => {
    queue = queue.then(async () => {
      try {
        const handler = handlers[call.name] as (argument: unknown) => unknown;
        const value = await handler(call.argument);
        port.postMessage({ id: call.id, value } satisfies Answer);
      } catch (error) {
        port.postMessage({ id: call.id, failure: describe(error) } satisfies Answer);
      }
    });
  });
}

function describe(error: unknown): { code: string; message: string; subject?: string } {
  if (error instanceof TickloomError) {
    const subject = error.subject === undefined ? {} : { subject: error.subject };
    return { code: error.code, message: error.message, ...subject };
  }
  const code = (error as { code?: unknown } | null)?.code;
  return {
    code: typeof code === 'string' ? code : 'failed',
    message: error instanceof Error ? error.message : String(error),
  };
}
