import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TickloomError, UsageError } from '../base/index.ts';
import { CHAIN_START, type ChainLink, EventReader, verifyChain } from '../bus/index.ts';
import type { ActionContext, VerifyOptions } from './options.ts';

/**
 * Checks the hash-chained signal log of a data directory. That the newest links were taken off can only be seen by
 * who noted a hash before: `--head`.
 */
export async function verifySignals(context: ActionContext, options: VerifyOptions): Promise<number> {
  const { head, run, paths, prefix } = options;
  if (prefix || run !== undefined || paths.length > 0) {
    throw new UsageError('verify: --signals stands alone; the data directory says which log.', {
      subject: '--signals',
    });
  }
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
    throw new UsageError('verify: --head is a SHA-256 of 64 hexadecimal digits.', { subject: '--head' });
  }
  const path = join(context.config.data_dir, 'events.db');
  if (!existsSync(path)) {
    throw new TickloomError(
      'not-held',
      `${context.config.data_dir} holds no signal log: tickloom start keeps one, a replay does not.`,
      { subject: path },
    );
  }
  const reader = new EventReader(path);
  let holdsHead = head === undefined || head === CHAIN_START;
  try {
    const verdict = verifyChain(noting(reader.links(), (link) => (holdsHead ||= link.hash === head)));
    const isSound = verdict.brokenAt === undefined && holdsHead;
    const document = {
      signals_ok: isSound,
      links: verdict.links,
      head: verdict.head,
      broken_at: verdict.brokenAt ?? null,
      reason: verdict.reason ?? (holdsHead ? null : 'the hash given with --head is not in the log'),
    };
    if (options.json) context.stdout.write(`${JSON.stringify(document)}\n`);
    else {
      const broken = verdict.brokenAt === undefined ? '' : ` BROKEN at link ${verdict.brokenAt}:`;
      const why = document.reason === null ? 'every link follows from the one before' : document.reason;
      context.stdout.write(`signal log:${broken} ${why}\n${verdict.links} links hold, head ${verdict.head}\n`);
    }
    return isSound ? 0 : 1;
  } finally {
    reader.close();
  }
}

function* noting(links: Iterable<ChainLink>, note: (link: ChainLink) => void): Generator<ChainLink> {
  for (const link of links) {
    note(link);
    yield link;
  }
}
