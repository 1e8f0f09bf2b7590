import { Text, type TextProps, Tooltip } from '@mantine/core';
import { type MouseEvent, memo, useEffect, useRef, useState } from 'react';
import { durationWords } from '../../../contract/duration.ts';
import { useNow } from '../hooks/use-now.ts';
import { formatBytes, formatCount } from '../lib/format.ts';
import { countdown, inFull, relativeTime } from '../lib/relative-time.ts';
import { REST_MS } from '../theme.ts';

/** Bytes in people's units, exactly on hover. -1: no limit. */
export function Bytes({
  bytes,
  unlimited = 'no limit',
  ...props
}: TextProps & { bytes: number; unlimited?: string }) {
  if (bytes < 0) return <Amount text={unlimited} c="dimmed" {...props} />;
  return <Amount text={formatBytes(bytes)} exact={`${formatCount(bytes)} bytes`} {...props} />;
}

/** Nanoseconds in words, exactly on hover. */
export function Duration({
  nanoseconds,
  none = 'none',
  ...props
}: TextProps & { nanoseconds: number; none?: string }) {
  if (nanoseconds <= 0) return <Amount text={none} c="dimmed" {...props} />;
  return <Amount text={durationWords(nanoseconds)} exact={`${formatCount(nanoseconds)} ns`} {...props} />;
}

/** How long ago, or until when; the time itself on hover. `at` is RFC 3339. */
export function When({
  at,
  never = 'never',
  ...props
}: TextProps & { at: string | undefined; never?: string }) {
  const now = useNow(5_000);
  if (at === undefined) return <Amount text={never} c="dimmed" {...props} />;
  const time = Date.parse(at);
  return (
    <Amount text={relativeTime(time, Math.max(now, Date.now()))} at={at} exact={inFull(time)} {...props} />
  );
}

/** Time that is left, counting down. */
export function Countdown({
  until,
  over = 'expired',
  ...props
}: TextProps & { until: string; over?: string }) {
  const now = useNow(1_000);
  const time = Date.parse(until);
  if (time <= now) return <Amount text={over} c="var(--kv-bad)" {...props} />;
  return <Amount text={countdown(time, now)} exact={new Date(time).toLocaleString()} {...props} />;
}

interface AmountProps extends TextProps {
  text: string;
  /** What a time is of, in RFC 3339. */
  at?: string;
  /** Said on hover. */
  exact?: string;
}

/**
 * A table has hundreds of these, and each looks at the clock: what is as it was is not made again, and nothing is made that
 * a plain element is as good as. A tooltip is, from when the pointer first rests on it.
 */
const Amount = memo(function Amount({ text, at, exact, ...props }: AmountProps) {
  const [rested, setRested] = useState<HTMLElement>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const shown = {
    className: 'num',
    children: at === undefined ? text : <time dateTime={at}>{text}</time>,
    ...(exact !== undefined &&
      !rested && {
        onMouseEnter({ currentTarget }: MouseEvent<HTMLElement>) {
          timer.current = setTimeout(() => setRested(currentTarget), REST_MS);
        },
        onMouseLeave: () => clearTimeout(timer.current),
      }),
  };
  return (
    <>
      {Object.keys(props).length === 0 ? <span {...shown} /> : <Text span inherit {...shown} {...props} />}
      {rested && <Tooltip target={rested} label={exact} disabled={exact === undefined} defaultOpened />}
    </>
  );
});
