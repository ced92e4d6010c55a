import { createHash } from 'node:crypto';

/** What stands before the first link. */
export const CHAIN_START = '0'.repeat(64);

/** One link of the hash-chained signal log. */
export interface ChainLink {
  /** From 1, without a hole. */
  readonly seq: number;
  /** Canonical JSON. */
  readonly record: string;
  /** SHA-256, hexadecimal, of the hash before, a line feed and the record. */
  readonly hash: string;
}

export function chainHash(before: string, record: string): string {
  return createHash('sha256').update(`${before}\n${record}`).digest('hex');
}

/** What a check of the chain came to. */
export interface ChainVerdict {
  readonly links: number;
  /** Hash of the last link that holds. */
  readonly head: string;
  /** The first link that does not follow from the one before; undefined when all do. */
  readonly brokenAt: number | undefined;
  readonly reason: string | undefined;
}

/** Walks a chain from its start and stops at the first link that does not hold. */
export function verifyChain(links: Iterable<ChainLink>): ChainVerdict {
  let head = CHAIN_START;
  let count = 0;
  for (const link of links) {
    const seq = count + 1;
    const reason =
      link.seq !== seq
        ? `link ${seq} is missing: ${link.seq} follows`
        : link.hash !== chainHash(head, link.record)
          ? `the hash of link ${seq} does not follow from the link before and its record`
          : undefined;
    if (reason !== undefined) return { links: count, head, brokenAt: seq, reason };
    head = link.hash;
    count = seq;
  }
  return { links: count, head, brokenAt: undefined, reason: undefined };
}
