import { svg } from './element.ts';

/** Paths on a 20x20 grid, drawn with a 1.6 px stroke. */
const PATHS = {
  overview: 'M3 4h14M3 8h14M3 12h14M3 16h14M7 4v12',
  symbol: 'M5 3v3M5 13v4M3.5 6h3v7h-3zM10 5v2M10 12v3M8.5 7h3v5h-3zM15 2v4M15 11v5M13.5 6h3v5h-3z',
  signals: 'M3 15l4-5 3 3 6-8M12 5h4v4',
  alerts: 'M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13zM8.5 17.5h3',
  sources: 'M10 17v-5M6 8a5.5 5.5 0 0 1 8 0M3.5 5.5a9 9 0 0 1 13 0M10 12a1 1 0 1 0 0-2 1 1 0 0 0 0 2',
  data: 'M4 5c0-3 12-3 12 0v10c0 3-12 3-12 0zM4 5c0 3 12 3 12 0M4 10c0 3 12 3 12 0',
  system: 'M2.5 11h3l2-6 4 11 2.5-8 1.2 3h2.3',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 4v4M7 12v4',
  about: 'M10 9v5M10 6v.5M10 18a8 8 0 1 0 0-16 8 8 0 0 0 0 16',
  clock: 'M10 5v5l3 2M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15',
  moon: 'M16 12.5A6.5 6.5 0 0 1 7.5 4a6.5 6.5 0 1 0 8.5 8.5z',
  search: 'M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12M13.5 13.5 18 18',
  events: 'M4 4h12v9H9l-4 4v-4H4z',
  pause: 'M7 4v12M13 4v12',
  play: 'M6 4l10 6-10 6z',
  more: 'M4 10h.1M10 10h.1M16 10h.1',
  warning: 'M10 3 18 17H2zM10 8v4M10 14.5v.3',
  close: 'M5 5l10 10M15 5 5 15',
  link: 'M8 12l4-4M7 9 5 11a3 3 0 0 0 4 4l2-2M13 11l2-2a3 3 0 0 0-4-4L9 7',
} as const;

/** Names of the icons that exist. */
export type IconName = keyof typeof PATHS;

/** A decorative icon, hidden from screen readers: the words beside it say the same. */
export function icon(name: IconName, size = 18): SVGSVGElement {
  return svg(
    'svg',
    {
      viewBox: '0 0 20 20',
      width: size,
      height: size,
      class: 'icon',
      fill: 'none',
      stroke: 'currentColor',
      'stroke-width': 1.6,
      'stroke-linecap': 'round',
      'stroke-linejoin': 'round',
      'aria-hidden': 'true',
      focusable: 'false',
    },
    svg('path', { d: PATHS[name] }),
  );
}
