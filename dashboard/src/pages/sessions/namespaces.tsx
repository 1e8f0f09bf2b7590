import { Chip, Group, Text } from '@mantine/core';
import { useInvoke } from '../../api/use-invoke.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { formatCount } from '../../lib/format.ts';

const EVERY_MS = 10_000;

/** The namespaces of a bucket with their number of keys; chooses one, or all of them. */
export function Namespaces({
  bucket,
  chosen,
  onChoose,
}: {
  bucket: string;
  chosen: string | undefined;
  onChoose(namespace: string | undefined): void;
}) {
  const input = { kv_bucket: bucket, all_namespaces: true, limit: 1 };
  const { data } = useInvoke('transform-session-list', input, { everyMs: EVERY_MS });
  // A key that no script wrote is in no namespace.
  const found = data?.namespaces?.filter(({ namespace }) => namespace !== '') ?? [];
  if (!data || found.length === 0) return null;
  return (
    <Group gap="xs" mb="md" role="group" aria-label="Namespaces">
      <Text size="sm" fw={600}>
        Namespace
      </Text>
      <Chip size="xs" checked={chosen === undefined} onChange={() => onChoose(undefined)}>
        All {formatCount(data.total)}
      </Chip>
      {found.map(({ namespace, keys }) => (
        <Chip
          key={namespace}
          size="xs"
          checked={chosen === namespace}
          onChange={() => onChoose(chosen === namespace ? undefined : namespace)}
        >
          <StoredName name={namespace} /> {formatCount(keys)}
        </Chip>
      ))}
    </Group>
  );
}
