import { useNow } from '../../hooks/use-now.ts';
import { relativeTime } from '../../lib/relative-time.ts';

/** As `When`, without a tooltip of its own in each of very many rows. */
export function Ago({ at }: { at: string }) {
  const now = useNow(5_000);
  const time = Date.parse(at);
  return (
    <time dateTime={at} title={new Date(time).toLocaleString()}>
      {relativeTime(time, Math.max(now, Date.now()))}
    </time>
  );
}
