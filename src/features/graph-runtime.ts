import { TickloomError } from '../base/index.ts';
import { compileGraph } from './graph-compiler.ts';
import { GraphInterpreter } from './graph-interpreter.ts';
import type { GraphLayout } from './graph-layout.ts';
import { type GraphExports, MAX_PAGES, PAGE_BYTES, type WasmMemory, webAssembly } from './web-assembly.ts';

/** How a graph is evaluated. Both give the same bits. */
export type RuntimeKind = 'compiled' | 'interpreted';

/** A graph ready to run on one memory; addresses are byte offsets into it. */
export interface GraphRuntime extends GraphExports {
  readonly kind: RuntimeKind;
  /** The memory as doubles; another object after {@link grow}. */
  readonly doubles: Float64Array;
  readonly integers: Int32Array;
  /** Makes the memory at least that large; contents stay. @throws TickloomError `out-of-memory`. */
  grow(bytes: number): void;
}

const modules = new WeakMap<GraphLayout, object>();

/**
 * Compiled where the runtime has WebAssembly and address space for one more memory (it reserves some 10 GB of addresses,
 * not of memory), interpreted elsewhere or on request; `kind` of the result says which it became.
 */
export function createRuntime(layout: GraphLayout, kind?: RuntimeKind): GraphRuntime {
  if (webAssembly === undefined || kind === 'interpreted') return new InterpretedRuntime(layout);
  const memory = reserveMemory();
  if (memory === undefined) return new InterpretedRuntime(layout);
  let module = modules.get(layout);
  if (module === undefined) {
    module = new webAssembly.Module(compileGraph(layout));
    modules.set(layout, module);
  }
  const { exports } = new webAssembly.Instance(module, { env: { memory, log: Math.log } });
  return new CompiledRuntime(memory, exports as GraphExports);
}

function reserveMemory(): WasmMemory | undefined {
  try {
    return webAssembly === undefined ? undefined : new webAssembly.Memory({ initial: 1, maximum: MAX_PAGES });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

class CompiledRuntime implements GraphRuntime {
  readonly kind = 'compiled';
  readonly update: GraphExports['update'];
  readonly updateMany: GraphExports['updateMany'];
  doubles: Float64Array;
  integers: Int32Array;
  private readonly memory: WasmMemory;

  constructor(memory: WasmMemory, exports: GraphExports) {
    this.memory = memory;
    this.update = exports.update;
    this.updateMany = exports.updateMany;
    this.doubles = new Float64Array(memory.buffer);
    this.integers = new Int32Array(memory.buffer);
  }

  grow(bytes: number): void {
    const missing = Math.ceil(bytes / PAGE_BYTES) - this.memory.buffer.byteLength / PAGE_BYTES;
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch (cause) {
      throw outOfMemory(bytes, cause);
    }
    this.doubles = new Float64Array(this.memory.buffer);
    this.integers = new Int32Array(this.memory.buffer);
  }
}

class InterpretedRuntime implements GraphRuntime {
  readonly kind = 'interpreted';
  doubles: Float64Array;
  integers: Int32Array;
  private readonly interpreter: GraphInterpreter;
  private readonly outOffset: number;

  constructor(layout: GraphLayout) {
    this.interpreter = new GraphInterpreter(layout);
    this.outOffset = layout.initialBlock.length;
    this.doubles = new Float64Array(PAGE_BYTES / 8);
    this.integers = new Int32Array(this.doubles.buffer);
  }

  update(block: number, frame: number): void {
    this.interpreter.update(this.doubles, block / 8, frame / 8, block / 8 + this.outOffset);
  }

  updateMany(addresses: number, frames: number, count: number): void {
    for (let i = 0; i < count; i++) {
      this.update((this.integers[addresses / 4 + i] as number) >>> 0, frames + 8 * i);
    }
  }

  grow(bytes: number): void {
    if (bytes <= this.doubles.byteLength) return;
    try {
      const larger = new Float64Array(Math.ceil(bytes / PAGE_BYTES) * (PAGE_BYTES / 8));
      larger.set(this.doubles);
      this.doubles = larger;
      this.integers = new Int32Array(larger.buffer);
    } catch (cause) {
      throw outOfMemory(bytes, cause);
    }
  }
}

function outOfMemory(bytes: number, cause: unknown): TickloomError {
  const megabytes = Math.ceil(bytes / 1_048_576);
  return new TickloomError(
    'out-of-memory',
    `Features of one timeframe need ${megabytes} MB: fewer symbols, features or shorter windows are needed (4096 MB at most).`,
    { subject: 'features', cause },
  );
}
