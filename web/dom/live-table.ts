import { el, setAttr, setText } from './element.ts';

/** One column of a {@link LiveTable}. */
export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** Numbers stand to the right, with tabular figures. */
  readonly align?: 'right';
  /** The header cell of a row. */
  readonly isRowHeader?: boolean;
  readonly text?: (row: Row) => string;
  /** Class of the cell's text, for direction and state. */
  readonly tone?: (row: Row) => string;
  readonly title?: (row: Row) => string;
  /** Changes get a short background tint, once a second at most. */
  readonly tint?: boolean;
  /** A cell that is more than text: made once, updated on each paint. */
  readonly widget?: () => { readonly element: Element; update(row: Row): void };
  /** Ascending order; the column's header becomes a button. */
  readonly compare?: (a: Row, b: Row) => number;
}

/** How a {@link LiveTable} is made. */
export interface LiveTableOptions<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly keyOf: (row: Row) => string;
  readonly onOpen?: (row: Row) => void;
  readonly rowState?: (row: Row) => string | undefined;
  /** The order without a chosen column. */
  readonly order?: (a: Row, b: Row) => number;
  readonly class?: string;
}

interface DrawnCell {
  readonly cell: HTMLTableCellElement;
  readonly text: HTMLSpanElement | undefined;
  readonly widget: { readonly element: Element; update(row: unknown): void } | undefined;
  tintedAtMs: number;
}

interface DrawnRow<Row> {
  row: Row;
  readonly element: HTMLTableRowElement;
  readonly cells: readonly DrawnCell[];
  isNew: boolean;
}

const TINT_EVERY_MS = 1_000;
/** Beyond so many rows only those in view are painted; the others are when they come into view. */
const LONG_TABLE = 120;

/**
 * A real table whose cells are updated in place. While the pointer or the focus is inside, rows keep their
 * places; what would have moved is told by a chip, so that nobody opens a row that jumped under the pointer.
 */
export class LiveTable<Row> {
  readonly element: HTMLDivElement;
  readonly #options: LiveTableOptions<Row>;
  readonly #body: HTMLTableSectionElement;
  readonly #table: HTMLTableElement;
  readonly #chip: HTMLButtonElement;
  readonly #inView = new Set<Element>();
  readonly #viewObserver = new IntersectionObserver((entries) => this.#viewChanged(entries), { rootMargin: '300px' });
  readonly #drawn = new Map<string, DrawnRow<Row>>();
  readonly #headers = new Map<string, HTMLTableCellElement>();
  #order: string[] = [];
  #sort: { readonly column: Column<Row>; readonly sign: 1 | -1 } | undefined;
  #isHeld = false;
  #wanted: string[] = [];

  constructor(options: LiveTableOptions<Row>) {
    this.#options = options;
    this.#body = el('tbody');
    const head = el('tr', {}, ...options.columns.map((column) => this.#header(column)));
    this.#table = el(
      'table',
      { class: `live-table ${options.class ?? ''}`, attrs: { role: 'table' } },
      el('caption', { class: 'visually-hidden', text: options.caption }),
      el('thead', { attrs: { role: 'rowgroup' } }, head),
      this.#body,
    );
    this.#body.setAttribute('role', 'rowgroup');
    this.#chip = el('button', { class: 'chip moved', attrs: { type: 'button', hidden: '' } });
    this.#chip.addEventListener('click', () => this.#arrange(this.#wanted));
    const scroll = el('div', { class: 'table-scroll' }, this.#table);
    this.element = el('div', { class: 'table-frame' }, this.#chip, scroll);
    // What scrolls has to be reachable by keyboard; what does not must not be a stop on the way.
    new ResizeObserver(() => {
      const isWider = scroll.scrollWidth > scroll.clientWidth;
      setAttr(scroll, 'tabindex', isWider ? '0' : undefined);
      setAttr(scroll, 'role', isWider ? 'group' : undefined);
      setAttr(scroll, 'aria-label', isWider ? options.caption : undefined);
    }).observe(scroll);
    this.#holdWhileInside();
  }

  /** Draws the rows, reusing what is there. */
  update(rows: readonly Row[], nowMs: number): void {
    const seen = new Set<string>();
    const isLong = rows.length > LONG_TABLE;
    for (const row of rows) {
      const key = this.#options.keyOf(row);
      seen.add(key);
      let drawn = this.#drawn.get(key);
      if (drawn === undefined) {
        drawn = this.#makeRow(row, key);
        this.#drawn.set(key, drawn);
      }
      drawn.row = row;
      if (!isLong || drawn.isNew || this.#inView.has(drawn.element)) this.#paintRow(drawn, nowMs);
    }
    for (const [key, drawn] of this.#drawn) {
      if (seen.has(key)) continue;
      drawn.element.remove();
      this.#viewObserver.unobserve(drawn.element);
      this.#inView.delete(drawn.element);
      this.#drawn.delete(key);
    }
    this.#wanted = this.#sorted(rows);
    this.#settleOrder();
  }

  /** Moves the focus from row to row. */
  focusRow(by: 1 | -1): void {
    const current = this.#order.findIndex((key) => this.#drawn.get(key)?.element === document.activeElement);
    const next = current < 0 ? (by > 0 ? 0 : this.#order.length - 1) : current + by;
    const key = this.#order[Math.max(0, Math.min(this.#order.length - 1, next))];
    if (key !== undefined) this.#drawn.get(key)?.element.focus();
  }

  /** The row that has the focus, or that something in it has. */
  get focusedRow(): Row | undefined {
    const key = document.activeElement?.closest('tr[data-key]')?.getAttribute('data-key');
    const drawn = key === null || key === undefined ? undefined : this.#drawn.get(key);
    return drawn?.element.contains(document.activeElement) === true ? drawn.row : undefined;
  }

  #viewChanged(entries: readonly IntersectionObserverEntry[]): void {
    const nowMs = Date.now();
    for (const entry of entries) {
      if (entry.isIntersecting) this.#inView.add(entry.target);
      else this.#inView.delete(entry.target);
      const key = entry.target.getAttribute('data-key');
      const drawn = key === null ? undefined : this.#drawn.get(key);
      if (entry.isIntersecting && drawn !== undefined) this.#paintRow(drawn, nowMs);
    }
  }

  #holdWhileInside(): void {
    const check = (): void => {
      this.#isHeld = this.#table.matches(':hover') || this.#table.contains(document.activeElement);
      if (!this.#isHeld) this.#settleOrder();
    };
    for (const name of ['mouseenter', 'mouseleave', 'focusin', 'focusout'] as const) {
      // After the event: on focusout the new focus is not known yet.
      this.#table.addEventListener(name, () => queueMicrotask(check));
    }
  }

  #sorted(rows: readonly Row[]): string[] {
    const sort = this.#sort;
    const order = this.#options.order;
    const copy = [...rows];
    if (sort?.column.compare !== undefined) {
      const compare = sort.column.compare;
      copy.sort((a, b) => sort.sign * compare(a, b));
    } else if (order !== undefined) copy.sort(order);
    return copy.map((row) => this.#options.keyOf(row));
  }

  #settleOrder(): void {
    const placed = new Set(this.#order);
    const missing = this.#wanted.filter((key) => !placed.has(key));
    const kept = this.#order.filter((key) => this.#drawn.has(key));
    if (!this.#isHeld || this.#order.length === 0) {
      this.#arrange(this.#wanted);
      return;
    }
    this.#arrange([...kept, ...missing], true);
    const moved = this.#order.filter((key, index) => this.#wanted[index] !== key).length;
    this.#chip.hidden = moved === 0;
    if (moved > 0) setText(this.#chip, `${moved} rows moved: show`);
  }

  #arrange(keys: readonly string[], keepChip = false): void {
    if (!keepChip) this.#chip.hidden = true;
    let isSame = keys.length === this.#order.length;
    for (let index = 0; isSame && index < keys.length; index += 1) isSame = keys[index] === this.#order[index];
    if (isSame) return;
    this.#order = [...keys];
    let next = this.#body.firstElementChild;
    for (const key of keys) {
      const element = this.#drawn.get(key)?.element;
      if (element === undefined) continue;
      if (next === element) next = next.nextElementSibling;
      else this.#body.insertBefore(element, next);
    }
  }

  #header(column: Column<Row>): HTMLTableCellElement {
    const cell = el('th', {
      class: column.align === 'right' ? 'right' : '',
      attrs: { scope: 'col', role: 'columnheader' },
    });
    this.#headers.set(column.id, cell);
    if (column.compare === undefined) cell.textContent = column.label;
    else {
      const button = el('button', { class: 'sort', text: column.label, attrs: { type: 'button' } });
      button.addEventListener('click', () => this.#sortBy(column));
      cell.append(button);
    }
    return cell;
  }

  #sortBy(column: Column<Row>): void {
    const sign = this.#sort?.column === column && this.#sort.sign === 1 ? -1 : 1;
    this.#sort = { column, sign };
    for (const [id, header] of this.#headers) {
      setAttr(header, 'aria-sort', id === column.id ? (sign === 1 ? 'ascending' : 'descending') : undefined);
    }
    const rows = [...this.#drawn.values()].map((drawn) => drawn.row);
    this.#wanted = this.#sorted(rows);
    this.#arrange(this.#wanted);
  }

  #makeRow(row: Row, key: string): DrawnRow<Row> {
    const element = el('tr', { attrs: { role: 'row', 'data-key': key } });
    const open = this.#options.onOpen;
    if (open !== undefined) {
      element.tabIndex = 0;
      element.classList.add('openable');
      const act = (): void => {
        const drawn = this.#drawn.get(key);
        if (drawn !== undefined) open(drawn.row);
      };
      element.addEventListener('click', act);
      element.addEventListener('keydown', (event) => {
        // Enter on a button in the row presses the button.
        if (event.key === 'Enter' && event.target === element) act();
      });
    }
    const cells = this.#options.columns.map((column) => this.#makeCell(column, element));
    this.#viewObserver.observe(element);
    return { row, element, cells, isNew: true };
  }

  #makeCell(column: Column<Row>, parent: HTMLTableRowElement): DrawnCell {
    const cell = el(column.isRowHeader === true ? 'th' : 'td', {
      class: `col-${column.id}${column.align === 'right' ? ' right' : ''}`,
      attrs: {
        role: column.isRowHeader === true ? 'rowheader' : 'cell',
        scope: column.isRowHeader === true ? 'row' : undefined,
        'data-label': column.label,
      },
    });
    const widget = column.widget?.();
    const text = widget === undefined ? el('span') : undefined;
    cell.append(widget === undefined ? (text as HTMLSpanElement) : widget.element);
    parent.append(cell);
    return { cell, text, widget: widget as DrawnCell['widget'], tintedAtMs: 0 };
  }

  #paintRow(drawn: DrawnRow<Row>, nowMs: number): void {
    drawn.isNew = false;
    setAttr(drawn.element, 'data-state', this.#options.rowState?.(drawn.row));
    for (const [index, column] of this.#options.columns.entries()) {
      const cell = drawn.cells[index] as DrawnCell;
      cell.widget?.update(drawn.row);
      if (cell.text === undefined || column.text === undefined) continue;
      const wasEmpty = cell.text.textContent === '';
      const changed = setText(cell.text, column.text(drawn.row));
      if (column.tone !== undefined) setAttr(cell.text, 'class', column.tone(drawn.row));
      if (column.title !== undefined) setAttr(cell.cell, 'title', column.title(drawn.row));
      if (changed && !wasEmpty && column.tint === true && nowMs - cell.tintedAtMs >= TINT_EVERY_MS) {
        cell.tintedAtMs = nowMs;
        tint(cell.cell);
      }
    }
  }
}

/**
 * Restarts the tint; style sheets make it vanish, and leave it out under reduced motion. Two equal animations take
 * turns, because restarting one would need a layout of the whole table for each cell.
 */
function tint(cell: HTMLElement): void {
  const isOdd = cell.classList.contains('tint-odd');
  cell.classList.toggle('tint-odd', !isOdd);
  cell.classList.toggle('tint-even', isOdd);
}
