import { Alert, Input } from '@mantine/core';
import { useState } from 'react';
import { durationWords } from '../../../../contract/duration.ts';
import type { BucketInfo } from '../../../../contract/types.gen.ts';
import { codeOf } from '../../api/api-error.ts';
import { useAction } from '../../api/use-invoke.ts';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ConfirmDialog } from '../../components/confirm-dialog.tsx';
import { DraftNotice } from '../../components/draft-notice.tsx';
import { DurationField } from '../../components/duration-field.tsx';
import { Segments } from '../../components/segments.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { WillBe } from '../../components/will-be.tsx';
import { useDraftOf, useDraftPlace, useKeptDraft } from '../../hooks/use-draft.ts';
import { useUnsaved } from '../../hooks/use-unsaved.ts';
import type { Draft } from '../../lib/drafts.ts';
import { formatBytes } from '../../lib/format.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { leave } from '../../router/leaving.ts';
import { Link } from '../../router/link.tsx';
import { navigate, pathTo } from '../../router/location.ts';
import { takesTtl } from '../key/ttl-choice.tsx';

type Kind = 'json' | 'text' | 'base64';

const NO_TTL = { value: undefined, fault: undefined };

/** Writes a key that does not exist yet; one that does is never overwritten. */
export function NewKey({ info, onClose }: { info: BucketInfo; onClose(): void }) {
  const { bucket } = info;
  const [key, setKey] = useState('');
  const [kind, setKind] = useState<Kind>('json');
  const [texts, setTexts] = useState<Record<Kind, string>>({ json: '{}', text: '', base64: '' });
  const [ttl, setTtl] = useState<{ value: number | undefined; fault: string | undefined }>(NO_TTL);
  const put = useAction('kv-key-put', { done: `${key} was written.` });
  const value = texts[kind];
  const broken = kind === 'json' ? jsonFault(value) : kind === 'base64' ? base64Fault(value) : undefined;
  const typed = key !== '' || texts.json !== '{}' || texts.text !== '' || texts.base64 !== '';
  // No key has an empty name: under it the draft of a key that is not there yet is kept.
  const place = useDraftPlace(bucket, '');
  const { draft, drop } = useDraftOf(typed ? undefined : place);
  const forget = useKeptDraft(
    place,
    typed ? { text: `${key}\n${value}`, base: kind, revision: 0 } : undefined,
  );
  useUnsaved(typed && !put.isSuccess ? 'the new key' : undefined, { drafted: true });
  const exists = codeOf(put.error) === 'REVISION_CONFLICT';

  function write(): void {
    put.mutate(
      {
        bucket,
        key,
        value: kind === 'base64' ? value.replace(/\s/g, '') : value,
        ...(kind === 'base64' && { encoding: 'base64' as const }),
        ...(ttl.value !== undefined && ttl.value > 0 && { ttl: ttl.value }),
        expected_revision: 0,
      },
      {
        onSuccess: () => {
          forget();
          navigate(pathTo('buckets', bucket, 'keys', key), { saved: true });
        },
      },
    );
  }

  function take({ text, base }: Draft): void {
    const [first = ''] = text.split('\n', 1);
    setKey(first);
    setKind(base as Kind);
    setTexts(before => ({ ...before, [base]: text.slice(first.length + 1) }));
  }

  return (
    <ConfirmDialog
      title="New key"
      size="lg"
      confirm="Write"
      focus="field"
      busy={put.isPending}
      disabled={key === '' || broken !== undefined || ttl.fault !== undefined}
      error={exists ? undefined : put.error}
      onConfirm={write}
      onClose={() => leave(onClose)}
    >
      {draft && <DraftNotice draft={draft} onTake={() => take(draft)} onDrop={drop} />}
      <TextBox
        label="Key"
        description={
          info.key_encoding === 'base64'
            ? 'Any text. Dots separate parts.'
            : 'Letters, digits and - / _ =, with dots between parts: user.42.theme'
        }
        value={key}
        onChange={setKey}
        withAsterisk
        data-autofocus
      />
      <Input.Wrapper label="Value" error={broken}>
        <Segments
          my={6}
          display="flex"
          w="fit-content"
          label="The value is"
          value={kind}
          onChange={setKind}
          of={{ json: 'JSON', text: 'Text', base64: 'Base64' }}
        />
        <CodeEditor
          key={kind}
          label="Value"
          language={kind === 'json' ? 'json' : 'text'}
          value={value}
          onChange={text => setTexts(before => ({ ...before, [kind]: text }))}
          height={220}
        />
      </Input.Wrapper>
      <DurationField
        label="Expires after"
        description={ttlHelp(info)}
        disabled={!takesTtl(info)}
        value={ttl.value}
        onChange={(value, fault) => setTtl({ value, fault })}
      />
      {exists && (
        <Alert color="orange" title="This key is there already">
          It was not overwritten.{' '}
          <Link to={pathTo('buckets', bucket, 'keys', key)} inherit c="inherit" underline="always">
            Open it
          </Link>{' '}
          to edit it.
        </Alert>
      )}
      <WillBe
        label="Will be written"
        parts={key === '' || broken || ttl.fault ? [] : wordsOf({ key, value, ttl: ttl.value, info })}
      />
    </ConfirmDialog>
  );
}

function wordsOf(props: { key: string; value: string; ttl?: number | undefined; info: BucketInfo }) {
  const { key, value, ttl = 0, info } = props;
  const end = ttl > 0 ? ttl : info.ttl;
  return [
    `${visibleText(key)} with ${formatBytes(new Blob([value]).size)}`,
    end > 0 ? `gone ${durationWords(end)} after it was written` : 'kept until it is deleted',
  ];
}

function ttlHelp(info: BucketInfo): string {
  const own =
    info.ttl > 0 ? `Without one: ${durationWords(info.ttl)}, as the bucket has it.` : 'Without one: never.';
  if (takesTtl(info)) return own;
  return `This bucket does not allow a ttl per key (key_ttl). ${own}`;
}

function jsonFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? undefined
      : 'A value in JSON is an object or a list; write a number or a word as text';
  } catch {
    return 'This is not JSON yet';
  }
}

function base64Fault(text: string): string | undefined {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text.replace(/\s/g, ''))
    ? undefined
    : 'This is not base64 yet';
}
