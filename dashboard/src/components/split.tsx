import {
  type CSSProperties,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useRef,
  useState,
} from 'react';
import classes from './split.module.css';

const [MIN, MAX, FIRST] = [20, 75, 40];
const PLACE = 'kvflow.split';

/** Two parts side by side; what is between them is dragged, or moved by the arrow keys, and where it was is remembered. */
export function Split({ left, right, label }: { left: ReactNode; right: ReactNode; label: string }) {
  const frame = useRef<HTMLDivElement>(null);
  const [share, setShare] = useState(remembered);

  function move(to: number): void {
    const next = Math.min(MAX, Math.max(MIN, Math.round(to)));
    setShare(next);
    localStorage.setItem(PLACE, String(next));
  }

  function drag(event: PointerEvent<HTMLElement>): void {
    const box = frame.current?.getBoundingClientRect();
    if (!box || !event.currentTarget.hasPointerCapture(event.pointerId)) return;
    move(((event.clientX - box.left) / box.width) * 100);
  }

  function press(event: KeyboardEvent): void {
    const step = { ArrowLeft: -2, ArrowRight: 2 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(share + step);
  }

  return (
    <div ref={frame} className={classes.split} style={{ '--share': share } as CSSProperties}>
      <div className={classes.side}>{left}</div>
      {/* biome-ignore lint/a11y/useSemanticElements: a rule cannot be moved */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={share}
        aria-valuemin={MIN}
        aria-valuemax={MAX}
        tabIndex={0}
        className={classes.handle}
        onPointerDown={event => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={press}
      />
      <div className={classes.side}>{right}</div>
    </div>
  );
}

function remembered(): number {
  const share = Number(localStorage.getItem(PLACE));
  return share >= MIN && share <= MAX ? share : FIRST;
}
