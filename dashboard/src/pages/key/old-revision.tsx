import { Alert, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { Guarded } from '../../components/guarded.tsx';
import { formatCount } from '../../lib/format.ts';
import { useQueryState } from '../../router/location.ts';
import { RevertDialog } from './revert-dialog.tsx';

/** What {@link OldRevision} is given. */
export interface OldRevisionProps {
  bucket: string;
  keyName: string;
  asked: number;
  /** Nothing is kept of it, or there never was one. */
  isGone: boolean;
  current: number | undefined;
  blocked: string | undefined;
}

/** Says that what is shown is not current, with the way back and the way to bring it back. */
export function OldRevision({ bucket, keyName, asked, isGone, current, blocked }: OldRevisionProps) {
  const [, changeQuery] = useQueryState();
  const [reverting, setReverting] = useState(false);
  return (
    <Alert color="orange" mb="sm" py={8}>
      <Group justify="space-between">
        <Text size="sm" className="num wrap">
          {isGone ? `Revision ${formatCount(asked)} is not there` : `This is revision ${formatCount(asked)}`}
          {current === undefined ? '; the key is gone.' : `; the current one is ${formatCount(current)}.`}
        </Text>
        <Group gap="xs">
          <Guarded
            calls="kv-key-revert"
            bucket={bucket}
            blocked={blocked ?? (isGone ? 'There is no such revision of this key.' : undefined)}
            size="compact-sm"
            variant="default"
            onClick={() => setReverting(true)}
          >
            Revert to it
          </Guarded>
          <Button size="compact-sm" variant="subtle" onClick={() => changeQuery({ revision: undefined })}>
            Show the current one
          </Button>
        </Group>
      </Group>
      {reverting && (
        <RevertDialog
          bucket={bucket}
          keyName={keyName}
          revision={asked}
          current={current}
          onDone={() => changeQuery({ revision: undefined })}
          onClose={() => setReverting(false)}
        />
      )}
    </Alert>
  );
}
