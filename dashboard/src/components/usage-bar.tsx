import { Progress } from '@mantine/core';

/** What {@link UsageBar} is given. */
export interface UsageBarProps {
  used: number;
  limit: number;
  label: string;
  plain?: boolean;
}

/** How much of a limit is used, as a bar that warns near its end, unless it is `plain`. `label` is for those who cannot see it. */
export function UsageBar({ used, limit, label, plain = false }: UsageBarProps) {
  const share = limit > 0 ? Math.min(100, (used / limit) * 100) : 0;
  const color = plain ? 'blue' : share >= 95 ? 'red' : share >= 80 ? 'orange' : 'blue';
  return (
    <Progress.Root size={6} miw={60} bg="var(--kv-line)">
      <Progress.Section value={share} color={color} aria-label={`${label}: ${Math.round(share)} %`} />
    </Progress.Root>
  );
}
