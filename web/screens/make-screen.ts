import type { AppContext, Screen } from '../app-context.ts';
import { AboutScreen } from './about-screen.ts';
import { AlertsScreen } from './alerts-screen.ts';
import { DataScreen } from './data-screen.ts';
import { OverviewScreen } from './overview-screen.ts';
import { SettingsScreen } from './settings-screen.ts';
import { SignalsScreen } from './signals-screen.ts';
import { SourcesScreen } from './sources-screen.ts';
import { SymbolScreen } from './symbol-screen.ts';
import { SystemScreen } from './system-screen.ts';

/** The screen with that name in the address; the overview for any other. */
export function makeScreen(name: string, context: AppContext): Screen {
  switch (name) {
    case 's':
      return new SymbolScreen(context);
    case 'signals':
      return new SignalsScreen(context);
    case 'alerts':
      return new AlertsScreen(context);
    case 'sources':
      return new SourcesScreen(context);
    case 'data':
      return new DataScreen(context);
    case 'system':
      return new SystemScreen(context);
    case 'settings':
      return new SettingsScreen(context);
    case 'about':
      return new AboutScreen(context);
    default:
      return new OverviewScreen(context);
  }
}
