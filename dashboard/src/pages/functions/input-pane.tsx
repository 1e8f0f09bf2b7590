import { Box, Button, Code, Group, List, Text } from '@mantine/core';
import { IconPlayerPlay, IconRotate } from '@tabler/icons-react';
import type { FormEvent } from 'react';
import type { Fault } from '../../api/api-error.ts';
import { CodeEditor } from '../../components/code-editor.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { DraftNotice } from '../../components/draft-notice.tsx';
import { Guarded } from '../../components/guarded.tsx';
import { Muted } from '../../components/muted.tsx';
import { SchemaForm } from '../../components/schema-form/schema-form.tsx';
import { Segments } from '../../components/segments.tsx';
import { WillBe } from '../../components/will-be.tsx';
import { plural } from '../../lib/format.ts';
import { inWords } from '../../lib/in-words.ts';
import { functionLink } from './deep-link.ts';
import type { Caller } from './use-caller.ts';

/** Where the input is entered, as a form or as JSON, and sent. */
export function InputPane({ caller, onCall }: { caller: Caller; onCall(): void }) {
  const { spec, form, mode, setMode, pending, unreadable } = caller;
  const { bucket } = form.value;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onCall();
  };
  return (
    <Box component="section" aria-label="Input" className="pane">
      <form
        onSubmit={submit}
        noValidate
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      >
        <Group justify="space-between" mb="sm">
          <Segments label="Input as" value={mode} onChange={setMode} of={{ form: 'Form', json: 'JSON' }} />
          <Group gap={6}>
            <Button
              variant="subtle"
              color="gray"
              size="compact-xs"
              leftSection={<IconRotate size={14} aria-hidden />}
              onClick={() => caller.fill({})}
            >
              Clear
            </Button>
            <CopyButton
              text={location.origin + functionLink(spec.name, form.value)}
              label="Copy a link to this call"
            />
          </Group>
        </Group>
        {caller.kept.draft && (
          <DraftNotice
            draft={caller.kept.draft}
            onTake={() => caller.take(caller.kept.draft?.text ?? '')}
            onDrop={caller.kept.drop}
          />
        )}
        {mode === 'form' ? <Fields key={caller.filled} caller={caller} /> : <JsonInput caller={caller} />}
        <Box mt="md">
          <WillBe label="Will be sent" parts={inWords(spec.input, form.value)} />
        </Box>
        <Group justify="space-between" mt="md">
          <Hint caller={caller} />
          <Guarded
            calls={spec.name}
            {...(typeof bucket === 'string' && bucket !== '' && { bucket })}
            type="submit"
            loading={pending}
            disabled={unreadable !== undefined}
            icon={IconPlayerPlay}
          >
            Call
          </Guarded>
        </Group>
      </form>
    </Box>
  );
}

/** Beside the button, from where what is wrong may be out of sight. */
function Hint({ caller: { mode, form } }: { caller: Caller }) {
  const wrong = mode === 'form' && form.submitted ? form.faults.length : 0;
  return wrong > 0 ? (
    <Text size="sm" c="var(--mantine-color-error)" role="status">
      {plural(wrong, 'fault')} to put right
    </Text>
  ) : (
    <Muted size="xs">Ctrl Enter calls it too</Muted>
  );
}

function Fields({ caller: { form } }: { caller: Caller }) {
  if (Object.keys(form.schema.properties ?? {}).length === 0) return <Muted>It takes no input.</Muted>;
  return <SchemaForm form={form} />;
}

function JsonInput({ caller: { text, setText, unreadable, form } }: { caller: Caller }) {
  // The server finds again what was known before.
  const faults = form.faults.filter(
    (fault, index) => form.faults.findIndex(one => sameFault(one, fault)) === index,
  );
  return (
    <>
      <CodeEditor value={text} onChange={setText} language="json" label="Input as JSON" height={320} />
      {unreadable !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" mt={6} role="alert" className="wrap">
          {unreadable}
        </Text>
      )}
      {unreadable === undefined && faults.length > 0 && (
        <List size="sm" mt={6} c="var(--mantine-color-error)" aria-label="Faults of the input">
          {faults.map(({ pointer, message }) => (
            <List.Item key={`${pointer} ${message}`} className="wrap">
              <Code>{pointer || '/'}</Code> {message}
            </List.Item>
          ))}
        </List>
      )}
    </>
  );
}

function sameFault(a: Fault, b: Fault): boolean {
  return a.pointer === b.pointer && a.message === b.message;
}
