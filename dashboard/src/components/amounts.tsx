import { Text, type TextProps, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { durationWords } from '../../../contract/duration.ts';
import { useNow } from '../hooks/use-now.ts';
import { formatBytes, formatCount } from '../lib/format.ts';
import { countdown, inFull, relativeTime } from '../lib/relative-time.ts';

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
    <Amount
      text={<time dateTime={at}>{relativeTime(time, Math.max(now, Date.now()))}</time>}
      exact={inFull(time)}
      {...props}
    />
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

function Amount({ text, exact, ...props }: TextProps & { text: ReactNode; exact?: string }) {
  const shown = (
    <Text span inherit className="num" {...props}>
      {text}
    </Text>
  );
  return exact === undefined ? shown : <Tooltip label={exact}>{shown}</Tooltip>;
}
