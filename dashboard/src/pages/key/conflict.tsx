import { Text } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { bytesOf, toBase64 } from '../../lib/bytes.ts';
import type { ConflictProps } from './conflict-props.ts';
import type { StoredItem } from './stored-item.ts';

// The comparison of texts is large, and conflicts are rare.
const ConflictView = lazy(() => import('./conflict-view.tsx'));

/** Two have written: shows what each has changed, and the two together for the user to finish. */
export function Conflict({ base, theirs, mine, ...props }: ConflictProps) {
  // Text and bytes can be compared as bytes only.
  const differ = base.encoding !== theirs.encoding;
  const sides = differ
    ? {
        base: asBytes(base),
        theirs: asBytes(theirs),
        mine: toBase64(bytesOf({ value: mine, encoding: base.encoding })),
      }
    : { base, theirs, mine };
  return (
    <Suspense fallback={<Text c="dimmed">Comparing…</Text>}>
      <ConflictView {...props} {...sides} />
    </Suspense>
  );
}

function asBytes(item: StoredItem): StoredItem {
  return { ...item, value: toBase64(bytesOf(item)), encoding: 'base64' };
}
