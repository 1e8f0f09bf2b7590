import { useMemo, useState } from 'react';
import { plural } from '../lib/format.ts';
import type { JsonRow } from '../lib/json-rows.ts';
import { jsonRows } from '../lib/json-rows.ts';
import { sourceOf } from '../lib/ordered-json.ts';
import { writeVisible } from '../lib/visible-json.ts';
import { visibleText } from '../lib/visible-text.ts';
import classes from './json-tree.module.css';
import { VirtualTree } from './virtual-tree.tsx';

const LINE = 24;
/** A line longer than this is cut; the text view has all of it. */
const LONGEST = 2_000;

/** What {@link JsonTree} is given. */
export interface JsonTreeProps {
  value: unknown;
  label: string;
  /** CSS length that it has at most. */
  height?: number | string;
  /** How deep it is open at first. */
  openDepth?: number;
}

/** JSON as a tree. Only the lines in view exist, so a megabyte scrolls. */
export function JsonTree({ value, label, height = 400, openDepth = 2 }: JsonTreeProps) {
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(
    () => jsonRows(value, (id, depth) => depth >= openDepth !== toggled.has(id)),
    [value, openDepth, toggled],
  );

  function toggle({ id, open }: JsonRow): void {
    if (open === undefined) return;
    setToggled(before => {
      const next = new Set(before);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }

  return (
    <VirtualTree
      label={label}
      lines={rows}
      line={LINE}
      style={{ maxHeight: height, fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 13 }}
      wide
      onToggle={toggle}
      show={row => (
        <>
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
        </>
      )}
    />
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
