import { Chip, Group, Text } from '@mantine/core';
import { readSessionKey } from '../../../../contract/session-key.ts';
import { useInvoke } from '../../api/use-invoke.ts';
import { StoredName } from '../../components/stored-name.tsx';
import { formatCount } from '../../lib/format.ts';

const EVERY_MS = 10_000;
/** Keys that are counted. */
const MAX = 100_000;

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
  const { data } = useInvoke('kv-key-tree', { bucket, limit: MAX }, { everyMs: EVERY_MS });
  const found = data?.children.filter(({ prefix }) => prefix !== undefined) ?? [];
  if (!data || found.length === 0) return null;
  return (
    <Group gap="xs" mb="md" role="group" aria-label="Namespaces">
      <Text size="sm" fw={600}>
        Namespace
      </Text>
      <Chip size="xs" checked={chosen === undefined} onChange={() => onChoose(undefined)}>
        All {count(data.scanned, data.has_more)}
      </Chip>
      {found.map(({ name, keys }) => {
        const { namespace } = readSessionKey(`${name}.`);
        return (
          <Chip
            key={name}
            size="xs"
            checked={chosen === namespace}
            onChange={() => onChoose(chosen === namespace ? undefined : namespace)}
          >
            <StoredName name={namespace} empty="(empty)" /> {count(keys, data.has_more)}
          </Chip>
        );
      })}
    </Group>
  );
}

function count(keys: number, more: boolean): string {
  return `${formatCount(keys)}${more ? '+' : ''}`;
}
