/**
 * The part of the WebAssembly interface that the core uses. The core is compiled without the libraries that declare
 * it; the interface itself is deterministic but for the payload of NaN, which digests and wire formats do not show.
 */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** What the compiled graph exports; addresses are byte offsets in the memory. */
export interface GraphExports {
  /** One bar of one series. */
  update(block: number, frame: number): void;
  /** `count` bars of different series; `addresses` lists their blocks as 32-bit integers, their bars are staged from `frames` on. */
  updateMany(addresses: number, frames: number, count: number): void;
}

interface WebAssemblyInterface {
  Memory: new (limits: { initial: number; maximum: number }) => WasmMemory;
  Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  Instance: new (module: object, imports: object) => { readonly exports: object };
}

/** `undefined` where the runtime was started without WebAssembly. */
export const webAssembly = (globalThis as { WebAssembly?: WebAssemblyInterface }).WebAssembly;

/** Bytes in one page of WebAssembly memory. */
export const PAGE_BYTES = 65_536;
/** Pages that a 32-bit memory can have. */
export const MAX_PAGES = 65_536;
