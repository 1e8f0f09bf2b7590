import { Alert, Code, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { Fragment } from 'react';

/** Names the buckets that are there and that no server answers for, which the list would otherwise seem to have lost. */
export function Unavailable({ names }: { names: readonly string[] }) {
  const [subject, verb] =
    names.length === 1 ? ['One bucket is', 'holds it'] : [`${names.length} buckets are`, 'hold them'];
  return (
    <Alert
      role="status"
      color="yellow"
      mb="md"
      icon={<IconPlugConnectedX size={20} aria-hidden />}
      title={`${subject} out of reach`}
    >
      <Text size="sm" className="wrap">
        {names.map((name, i) => (
          <Fragment key={name}>
            {i > 0 && ', '}
            <Code>{name}</Code>
          </Fragment>
        ))}
        . The servers of the cluster that {verb} are away; nothing is lost, and they are listed again when
        those are back.
      </Text>
    </Alert>
  );
}
