import type { CSSProperties } from 'react';
import { formatBytes } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { follow } from '../../router/link.tsx';
import { layTiles } from './layout.ts';
import classes from './treemap.module.css';

/** Something that takes room. */
export interface Weighed {
  id: string;
  label: string;
  bytes: number;
  /** Address of what is inside it. */
  to: string | undefined;
}

/** About how much wider than high it is. */
const RATIO = 8;

/** What takes the room, as areas: a glance before the table, which has the same in figures. */
export function Treemap({ label, items }: { label: string; items: readonly Weighed[] }) {
  const total = items.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return null;
  const tiles = layTiles(
    items.map(({ bytes }) => bytes),
    RATIO,
  );
  return (
    <section aria-label={label} className={classes.map}>
      {items.map((item, index) => {
        const { left = 0, top = 0, width = 0, height = 0 } = tiles[index] ?? {};
        const share = (item.bytes / total) * 100;
        const text = `${visibleText(item.label)} ${Math.round(share)} %`;
        const style = {
          left: `${left}%`,
          top: `${top}%`,
          width: `${width}%`,
          height: `${height}%`,
          '--strength': `${Math.round(share / 8)}%`,
        } as CSSProperties;
        const title = `${visibleText(item.label)}: ${formatBytes(item.bytes)}`;
        return item.to === undefined ? (
          <div key={item.id} className={classes.tile} style={style} title={title}>
            {text}
          </div>
        ) : (
          <a
            key={item.id}
            href={item.to}
            onClick={follow}
            className={classes.tile}
            style={style}
            title={title}
          >
            {text}
          </a>
        );
      })}
    </section>
  );
}
