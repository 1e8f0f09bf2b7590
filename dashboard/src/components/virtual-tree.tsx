import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useRef,
  useState,
} from 'react';
import classes from './virtual-tree.module.css';

/** A line of a tree. */
export interface TreeLine {
  id: string;
  depth: number;
  /** Undefined: there is nothing inside it. */
  open: boolean | undefined;
}

/** What {@link VirtualTree} is given. */
export interface VirtualTreeProps<Line extends TreeLine> {
  label: string;
  /** What is open, in order. */
  lines: readonly Line[];
  /** What stands on a line, behind the mark that tells whether it is open. */
  show(line: Line): ReactNode;
  /** Opens a line, or closes it. */
  onToggle(line: Line): void;
  /** Enter was pressed on it. Default: as `onToggle`. */
  onEnter?: (line: Line) => void;
  /** Height of a line, and of the frame. */
  line: number;
  style: CSSProperties;
  busy?: boolean;
  /** Lines may be longer than the frame, which scrolls. Default: they are cut. */
  wide?: boolean;
}

const PAGE = 15;

/** A tree of which only the lines in view exist. Arrows move, open and close as in any tree. */
export function VirtualTree<Line extends TreeLine>(props: VirtualTreeProps<Line>) {
  const { label, lines, show, onToggle, onEnter = onToggle, line: height, style, busy, wide } = props;
  const [active, setActive] = useState('');
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => height,
    overscan: 12,
  });
  const found = lines.findIndex(({ id }) => id === active);
  const at = Math.max(0, found);
  const current = lines[at];

  function go(index: number): void {
    const to = Math.min(lines.length - 1, Math.max(0, index));
    setActive(lines[to]?.id ?? '');
    virtual.scrollToIndex(to);
  }

  function onKey(event: KeyboardEvent): void {
    if (!current || event.target !== frame.current) return;
    const parent = lines.findLastIndex(({ depth }, index) => index < at && depth < current.depth);
    const to = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + PAGE,
      PageUp: at - PAGE,
      Home: 0,
      End: lines.length - 1,
    }[event.key];
    if (to !== undefined) go(to);
    else if (event.key === 'Enter') onEnter(current);
    else if (event.key === ' ') onToggle(current);
    else if (event.key === 'ArrowRight') current.open === false ? onToggle(current) : go(at + 1);
    else if (event.key === 'ArrowLeft') current.open ? onToggle(current) : go(parent);
    else return;
    event.preventDefault();
  }

  function onClick(event: MouseEvent, line: Line): void {
    setActive(line.id);
    if (!(event.target as HTMLElement).closest('a, button')) onToggle(line);
  }

  return (
    <div
      ref={frame}
      role="tree"
      aria-label={label}
      aria-busy={busy}
      aria-activedescendant={current && elementId(current)}
      tabIndex={0}
      className={classes.tree}
      data-wide={wide}
      style={style}
      onKeyDown={onKey}
    >
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const line = lines[index];
          if (!line) return null;
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the tree has the keyboard
            <div
              key={line.id}
              id={elementId(line)}
              role="treeitem"
              tabIndex={-1}
              aria-level={line.depth + 1}
              aria-selected={index === at}
              aria-expanded={line.open}
              className={classes.line}
              data-active={index === at || undefined}
              style={{
                height,
                transform: `translateY(${start}px)`,
                paddingInlineStart: 8 + line.depth * 18,
              }}
              onClick={event => onClick(event, line)}
            >
              <span className={classes.mark} aria-hidden>
                {line.open === undefined ? '' : line.open ? '▾' : '▸'}
              </span>
              {show(line)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

function elementId({ id }: TreeLine): string {
  return `line:${encodeURIComponent(id)}`;
}
