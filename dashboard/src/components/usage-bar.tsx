import { Progress } from '@mantine/core';

/** How much of a limit is used, as a bar that warns near its end. `label` is for those who cannot see it. */
export function UsageBar({ used, limit, label }: { used: number; limit: number; label: string }) {
  const share = limit > 0 ? Math.min(100, (used / limit) * 100) : 0;
  const color = share >= 95 ? 'red' : share >= 80 ? 'orange' : 'blue';
  return (
    <Progress.Root size={6} miw={60} bg="var(--kv-line)">
      <Progress.Section value={share} color={color} aria-label={`${label}: ${Math.round(share)} %`} />
    </Progress.Root>
  );
}
