import { Badge } from '@mantine/core';

/** Status of an envelope. 0: there was no answer. */
export function StatusBadge({ status }: { status: number }) {
  const good = status >= 200 && status < 300;
  return (
    <Badge color={good ? 'teal' : 'red'} variant="light" radius="sm" tt="none" className="num">
      {status === 0 ? 'no answer' : `${status} ${good ? 'OK' : ''}`.trim()}
    </Badge>
  );
}
