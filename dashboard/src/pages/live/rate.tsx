import { Group, Text } from '@mantine/core';
import { Sparkline } from '../../components/sparkline.tsx';
import { useNow } from '../../hooks/use-now.ts';
import { formatCount, plural } from '../../lib/format.ts';
import type { Feed } from './feed.ts';

/** Changes per second, now and over the last minute. */
export function Rate({ feed }: { feed: Feed }) {
  useNow(1_000);
  const seconds = feed.perSecond();
  const now = seconds.at(-1) ?? 0;
  const most = Math.max(...seconds);
  return (
    <Group
      gap="xs"
      wrap="nowrap"
      ml="auto"
      title={`At most ${plural(most, 'change')} in a second of the last minute`}
    >
      <Sparkline values={seconds} width={110} height={26} label="Changes per second over the last minute" />
      <Text size="sm" className="num" ta="right" miw={70} data-rate>
        {formatCount(now)}/s
      </Text>
    </Group>
  );
}
