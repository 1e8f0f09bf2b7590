import { useMediaQuery } from '@mantine/hooks';
import { IconLayoutSidebarRight, IconPin, IconX } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useCallback } from 'react';
import { useInvoke } from '../../api/use-invoke.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { Split } from '../../components/split.tsx';
import { ValueDiff } from '../../components/value-diff.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { leave } from '../../router/leaving.ts';
import { useQueryState } from '../../router/location.ts';
import type { StoredItem } from '../key/stored-item.ts';

const KeyDetail = lazy(async () => ({ default: (await import('../key/key-page.tsx')).KeyDetail }));

/** Below this a key has a page of its own. */
const ROOM = '(min-width: 56.25em)';

/** What the list is given where a key is shown beside it. */
export interface Beside {
  shown?: string;
  onShow?: (key: string) => void;
}

/** A switch that shows a key beside the list, at first the list's first one; `b` does the same. */
export function BesideSwitch({ first }: { first: string | undefined }) {
  const [query, changeQuery] = useQueryState();
  const room = useMediaQuery(ROOM, undefined, { getInitialValueInEffect: false });
  const open = query.has('key');
  const toggle = () => changeQuery({ ...CLOSED, key: open ? undefined : first });
  useKeys({ b: toggle });
  if (!room) return null;
  return (
    <IconButton
      icon={IconLayoutSidebarRight}
      label="Show a key beside the list"
      tip="Show a key beside the list (b)"
      pressed={open}
      onClick={toggle}
    />
  );
}

const CLOSED = {
  key: undefined,
  tab: undefined,
  revision: undefined,
  pin: undefined,
  pin_revision: undefined,
};

/** The list, and at its right the key that the address names: the arrows of the list move through the keys. */
export function KeysAndOne({ bucket, children }: { bucket: string; children(beside: Beside): ReactNode }) {
  const [query, changeQuery] = useQueryState();
  const room = useMediaQuery(ROOM, undefined, { getInitialValueInEffect: false });
  const key = query.get('key');
  const onShow = useCallback(
    (next: string) => {
      if (next !== key) leave(() => changeQuery({ key: next, revision: undefined }));
    },
    [key, changeQuery],
  );
  if (key === null || !room) return children({});
  return (
    <Split
      label="Width of the list"
      left={children({ shown: key, onShow })}
      right={
        <section aria-label={`Key ${visibleText(key)}`}>
          <Suspense>
            <Pinned bucket={bucket} shown={key} />
            <KeyDetail
              key={key}
              bucket={bucket}
              keyName={key}
              beside={{
                actions: <PaneActions keyName={key} />,
                onClose: () => leave(() => changeQuery(CLOSED)),
              }}
            />
          </Suspense>
        </section>
      }
    />
  );
}

function PaneActions({ keyName }: { keyName: string }) {
  const [query, changeQuery] = useQueryState();
  const revision = query.get('revision') ?? undefined;
  return (
    <>
      <IconButton
        icon={IconPin}
        label="Pin this value"
        tip="Pin it, to see the next one beside it"
        onClick={() => changeQuery({ pin: keyName, pin_revision: revision })}
      />
      <IconButton icon={IconX} label="Close the key" onClick={() => leave(() => changeQuery(CLOSED))} />
    </>
  );
}

/** The value that was pinned, beside the one that is shown. */
function Pinned({ bucket, shown }: { bucket: string; shown: string }) {
  const [query, changeQuery] = useQueryState();
  const pin = query.get('pin') ?? '';
  const [of, at] = [numberOf(query.get('pin_revision')), numberOf(query.get('revision'))];
  const enabled = pin !== '' && (pin !== shown || of.revision !== at.revision);
  const left = useInvoke('kv-key-get', { bucket, key: pin, ...of }, { enabled });
  const right = useInvoke('kv-key-get', { bucket, key: shown, ...at }, { enabled });
  if (!enabled) return null;
  const [a, b] = [left.data as StoredItem | undefined, right.data as StoredItem | undefined];
  return (
    <section aria-label="Pinned beside what is shown" style={{ marginBottom: 12 }}>
      <IconButton
        icon={IconPin}
        label="Unpin"
        size="sm"
        onClick={() => changeQuery({ pin: undefined, pin_revision: undefined })}
      />{' '}
      <span className="mono wrap">{visibleText(pin)}</span> beside{' '}
      <span className="mono wrap">{visibleText(shown)}</span>
      {a && b && (
        <ValueDiff
          left={a}
          right={b}
          leftLabel={`${visibleText(pin)}, revision ${a.revision}`}
          rightLabel={`${visibleText(shown)}, revision ${b.revision}`}
          height={260}
        />
      )}
    </section>
  );
}

function numberOf(text: string | null): { revision?: number } {
  const revision = Number(text);
  return revision > 0 ? { revision } : {};
}
