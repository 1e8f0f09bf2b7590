import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { hexLine, hexLines } from '../../lib/bytes.ts';
import classes from './value-view.module.css';

const LINE = 20;

/** Bytes in hex, of which only the lines in view exist. */
export function HexView({ bytes, height }: { bytes: Uint8Array; height: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: hexLines(bytes),
    getScrollElement: () => frame.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a form's group of fields this is not
    <div
      ref={frame}
      data-value
      role="group"
      aria-label="Value as hex"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      className={classes.hex}
      style={{ height: `min(${height}, ${hexLines(bytes) * LINE + 18}px)` }}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }}>
        {virtual.getVirtualItems().map(({ index, start }) => (
          <div
            key={index}
            className={classes.line}
            style={{ transform: `translateY(${start}px)`, height: LINE }}
          >
            {hexLine(bytes, index)}
          </div>
        ))}
      </div>
    </div>
  );
}
