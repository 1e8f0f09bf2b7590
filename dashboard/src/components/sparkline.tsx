/** What {@link Sparkline} is given. */
export interface SparklineProps {
  /** Oldest first. */
  values: readonly number[];
  /** What it shows, in words. */
  label: string;
  width?: number;
  height?: number;
}

/** Numbers over time as a small line, as high as their range. */
export function Sparkline({ values, label, width = 120, height = 32 }: SparklineProps) {
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  const step = width / Math.max(1, values.length - 1);
  const y = (value: number) => (span === 0 ? height / 2 : height - 2 - ((value - low) / span) * (height - 4));
  const points = values
    .map((value, index) => `${(index * step).toFixed(1)},${y(value).toFixed(1)}`)
    .join(' ');
  return (
    <svg
      width={width}
      height={height}
      role="img"
      aria-label={label}
      style={{ display: 'block', overflow: 'visible' }}
    >
      {values.length > 1 && (
        <>
          <polygon
            points={`0,${height} ${points} ${width},${height}`}
            fill="var(--kv-accent)"
            opacity={0.12}
          />
          <polyline
            points={points}
            fill="none"
            stroke="var(--kv-accent)"
            strokeWidth={1.5}
            strokeLinejoin="round"
          />
        </>
      )}
    </svg>
  );
}
