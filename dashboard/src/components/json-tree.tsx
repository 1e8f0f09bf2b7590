import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useMemo, useRef, useState } from 'react';
import { writeVisible } from '../lib/exact-json.ts';
import { plural } from '../lib/format.ts';
import type { JsonRow } from '../lib/json-rows.ts';
import { jsonRows } from '../lib/json-rows.ts';
import { sourceOf } from '../lib/ordered-json.ts';
import { visibleText } from '../lib/visible-text.ts';
import classes from './json-tree.module.css';

const ROW = 24;
/** A line longer than this is cut; the text view has all of it. */
const LONGEST = 2_000;

/** JSON as a tree. Only the lines in view exist, so a megabyte scrolls; arrows move, open and close as in any tree. */
export function JsonTree({
  value,
  label,
  height = 400,
  openDepth = 2,
}: {
  value: unknown;
  label: string;
  height?: number | string;
  openDepth?: number;
}) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const [active, setActive] = useState('');
  const rows = useMemo(
    () => jsonRows(value, (path, depth) => depth >= openDepth !== toggled.has(path)),
    [value, openDepth, toggled],
  );
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: 12,
  });
  const at = Math.max(
    0,
    rows.findIndex(({ path }) => path === active),
  );

  function toggle({ path, size }: JsonRow): void {
    if (size === undefined) return;
    setToggled(before => {
      const next = new Set(before);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  }

  function go(index: number): void {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (!row) return;
    setActive(row.path);
    virtual.scrollToIndex(rows.indexOf(row));
  }

  function onKey(event: KeyboardEvent): void {
    const row = rows[at];
    if (!row) return;
    const parent = rows.findLastIndex(({ depth }, index) => index < at && depth < row.depth);
    const moves = new Map([
      ['ArrowDown', () => go(at + 1)],
      ['ArrowUp', () => go(at - 1)],
      ['Home', () => go(0)],
      ['End', () => go(rows.length - 1)],
      ['Enter', () => toggle(row)],
      [' ', () => toggle(row)],
      ['ArrowRight', () => (row.size !== undefined && !row.open ? toggle(row) : go(at + 1))],
      ['ArrowLeft', () => (row.open ? toggle(row) : go(Math.max(0, parent)))],
    ]);
    const run = moves.get(event.key);
    if (!run) return;
    event.preventDefault();
    run();
  }

  return (
    <div
      ref={frame}
      role="tree"
      aria-label={label}
      aria-activedescendant={idOf(rows[at]?.path ?? '')}
      tabIndex={0}
      className={classes.tree}
      style={{ maxHeight: height }}
      onKeyDown={onKey}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const row = rows[index];
          if (!row) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keyboard
            <div
              key={row.path}
              id={idOf(row.path)}
              role="treeitem"
              tabIndex={-1}
              aria-level={row.depth + 1}
              aria-selected={index === at}
              aria-expanded={row.size === undefined ? undefined : row.open}
              className={classes.row}
              data-active={index === at || undefined}
              style={{
                height: ROW,
                transform: `translateY(${start}px)`,
                paddingInlineStart: 8 + row.depth * 16,
              }}
              onClick={() => {
                setActive(row.path);
                toggle(row);
              }}
            >
              <span className={classes.mark} aria-hidden>
                {row.size === undefined ? '' : row.open ? '▾' : '▸'}
              </span>
              {row.name !== undefined && <span className={classes.name}>{visibleText(row.name)}: </span>}
              {row.overridden && (
                <span
                  className={classes.size}
                  title="This name comes again below: most programs take the last one"
                >
                  (named again){' '}
                </span>
              )}
              <Shown row={row} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Shown({ row: { value, size } }: { row: JsonRow }) {
  if (size !== undefined) {
    const brackets = Array.isArray(value) ? '[ ]' : '{ }';
    return (
      <span className={classes.size}>
        {brackets}{' '}
        {plural(
          size,
          Array.isArray(value) ? 'item' : 'property',
          Array.isArray(value) ? 'items' : 'properties',
        )}
      </span>
    );
  }
  const source = sourceOf(value);
  const text = source ?? (writeVisible(value) || 'undefined');
  return (
    <span
      data-type={value === null ? 'null' : source !== undefined ? 'number' : typeof value}
      className={classes.value}
    >
      {text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}
    </span>
  );
}

function idOf(path: string): string {
  return `json:${encodeURIComponent(path)}`;
}
