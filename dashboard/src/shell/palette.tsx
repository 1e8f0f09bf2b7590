import { Modal } from '@mantine/core';
import { type KeyboardEvent, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { useInvoke } from '../api/use-invoke.ts';
import { Muted } from '../components/muted.tsx';
import { TextBox } from '../components/text-box.tsx';
import { favourites, seenKeys } from '../lib/seen.ts';
import { visibleText } from '../lib/visible-text.ts';
import { navigationPages } from '../pages/pages.ts';
import { navigate, pathTo, withQuery } from '../router/location.ts';
import classes from './palette.module.css';

interface Entry {
  label: string;
  kind: string;
  to: string;
}

const MAX = 40;

/** Ctrl+K: a name is typed, and Enter goes there: favourites, pages, actions, buckets, keys lately seen. */
export function Palette() {
  const [opened, setOpened] = useState(false);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setOpened(now => !now);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  if (!opened) return null;
  return (
    <Modal opened onClose={() => setOpened(false)} title="Go to" size="lg" yOffset="10vh">
      <Finder onGo={() => setOpened(false)} />
    </Modal>
  );
}

function Finder({ onGo }: { onGo(): void }) {
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const entries = useEntries();
  const found = useMemo(() => matching(entries, typed), [entries, typed]);
  const at = Math.min(active, Math.max(0, found.length - 1));

  function go(entry: Entry | undefined): void {
    if (!entry) return;
    onGo();
    navigate(entry.to);
  }

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') go(found[at]);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setActive(Math.min(found.length - 1, Math.max(0, at + step)));
  }

  return (
    <>
      <TextBox
        aria-label="Name of a page, bucket, key or action"
        placeholder="A page, bucket, key or action"
        value={typed}
        onChange={text => {
          setTyped(text);
          setActive(0);
        }}
        onKeyDown={onKey}
        role="combobox"
        aria-expanded
        aria-controls="palette"
        aria-activedescendant={found[at] && `palette-${at}`}
        data-autofocus
      />
      <div id="palette" role="listbox" aria-label="Found" className={classes.list} tabIndex={-1}>
        {found.map((entry, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard
          <div
            key={`${entry.kind} ${entry.to}`}
            id={`palette-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            className={classes.entry}
            onClick={() => go(entry)}
          >
            <span className="wrap">{visibleText(entry.label)}</span>
            <Muted size="xs">{entry.kind}</Muted>
          </div>
        ))}
      </div>
      {found.length === 0 && <Muted>Nothing is called so.</Muted>}
    </>
  );
}

function useEntries(): Entry[] {
  const { data } = useInvoke('kv-bucket-list', {});
  const seen = useSyncExternalStore(seenKeys.subscribe, seenKeys.get);
  const kept = useSyncExternalStore(favourites.subscribe, favourites.get);
  return useMemo(() => {
    const buckets = data?.buckets.map(({ bucket }) => bucket) ?? [];
    return [
      ...kept.map(to => ({ label: nameOf(to), kind: 'favourite', to })),
      ...navigationPages.map(({ path, nav }) => ({
        label: nav.label,
        kind: 'page',
        to: pathTo(...path.split('/')),
      })),
      { label: 'Create bucket', kind: 'action', to: withQuery(pathTo('buckets'), { create: '1' }) },
      { label: 'Call a function', kind: 'action', to: pathTo('functions') },
      ...seen.map(to => ({ label: nameOf(to), kind: 'key', to })),
      ...buckets.map(bucket => ({ label: bucket, kind: 'bucket', to: pathTo('buckets', bucket) })),
      ...buckets.map(bucket => ({
        label: `Watch ${visibleText(bucket)} live`,
        kind: 'action',
        to: withQuery(pathTo('live'), { bucket }),
      })),
      ...buckets.map(bucket => ({
        label: `What fills ${visibleText(bucket)}`,
        kind: 'action',
        to: pathTo('buckets', bucket, 'usage'),
      })),
    ];
  }, [data, seen, kept]);
}

/** What an address of a bucket, a filter of it, or a key is called. */
function nameOf(to: string): string {
  const { pathname, searchParams } = new URL(to, location.origin);
  const [, , , bucket = '', , key] = pathname.split('/').map(decodeURIComponent);
  if (key !== undefined) return `${bucket} / ${key}`;
  const filter = searchParams.get('filter');
  return filter === null ? bucket : `${bucket} / ${filter}`;
}

function matching(entries: readonly Entry[], typed: string): Entry[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return entries
    .filter(({ label, kind }) => words.every(word => `${label} ${kind}`.toLowerCase().includes(word)))
    .slice(0, MAX);
}
