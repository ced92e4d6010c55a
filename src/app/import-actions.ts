import { parseMicros } from '../base/index.ts';
import { ZoneClock } from '../calendar/index.ts';
import { readSettings } from '../engine/index.ts';
import type { CorporateAction } from '../model/index.ts';
import { findInputFiles, readActions } from '../replay/index.ts';
import { ReferenceDatabase } from '../stores/index.ts';
import type { TickloomConfig } from './config/index.ts';
import { openDataDirectory } from './data-directory.ts';
import { configuredInstrument, engineSettings } from './engine-config.ts';
import type { ActionContext, ImportOptions } from './options.ts';
import { referencePath } from './reference-file.ts';

/** What `tickloom import --kind actions --json` prints. */
interface ActionsReport {
  readonly files: number;
  readonly actions: number;
  readonly splits: number;
  readonly dividends: number;
  /** Those that the store did not have, or had otherwise. */
  readonly news: number;
}

/** Brings splits and dividends from files into the store, all or none of them. The same files again change nothing. */
export async function importActions(context: ActionContext, options: ImportOptions): Promise<number> {
  const files = await findInputFiles(options.paths);
  const midnight = midnights(context.config);
  const actions: CorporateAction[] = [];
  for (const file of files) actions.push(...(await readActions({ file, symbol: options.symbol, midnight })));
  const lock = openDataDirectory(context.config.data_dir);
  try {
    const store = ReferenceDatabase.open(referencePath(context.config.data_dir));
    try {
      const splits = actions.filter(({ kind }) => kind === 'split').length;
      const counts = { actions: actions.length, splits, dividends: actions.length - splits };
      const report: ActionsReport = { files: files.length, ...counts, news: store.putActions(actions) };
      context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : sentence(report));
      return 0;
    } finally {
      store.close();
    }
  } finally {
    lock.release();
  }
}

/** Midnight of dates in the zone of a symbol's calendar. */
function midnights(config: TickloomConfig): (symbol: string, date: string) => number {
  const { calendars } = readSettings(engineSettings(config));
  const clocks = new Map<string, ZoneClock>();
  return (symbol, date) => {
    const { zone } = calendars.get(configuredInstrument(config, symbol).calendar);
    const clock = clocks.get(zone) ?? new ZoneClock(zone);
    clocks.set(zone, clock);
    return clock.instantOf(parseMicros(date) as number);
  };
}

function sentence({ files, actions, splits, dividends, news }: ActionsReport): string {
  return `${actions} actions of ${files} files: ${splits} splits, ${dividends} dividends; ${news} of them were news\n`;
}
