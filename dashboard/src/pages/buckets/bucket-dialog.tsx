import { Alert, Button, Grid, Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { DraftNotice } from '../../components/draft-notice.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Muted } from '../../components/muted.tsx';
import { SchemaForm, type SchemaFormProps } from '../../components/schema-form/schema-form.tsx';
import { WillBe } from '../../components/will-be.tsx';
import { formOf, useFormDraft } from '../../hooks/use-form-draft.ts';
import { useUnsaved } from '../../hooks/use-unsaved.ts';
import { visibleText } from '../../lib/visible-text.ts';
import { leave } from '../../router/leaving.ts';

/** What {@link BucketDialog} is given. */
export interface BucketDialogProps extends SchemaFormProps {
  title: string;
  /** Names the form: what is entered is kept under it. */
  name: string;
  /** What the form began with. */
  start?: Record<string, unknown>;
  /** On the button. */
  submit: string;
  /** Above what the button will do. */
  outcome: string;
  /** Above the fields. */
  above?: ReactNode;
  /** What will be sent, beside the fields. */
  preview: ReactNode;
  /** What the button will do, in words. */
  words: readonly string[];
  /** What does not go together, or costs more than it seems. */
  warnings?: readonly string[];
  /** What it takes of the cluster. */
  cost?: string;
  disabled?: boolean;
  busy: boolean;
  error: unknown;
  /** `saved` forgets what was kept of the form in case it is lost. */
  onSubmit(saved: () => void): void;
  onClose(): void;
}

/** A form of a bucket's options, with the JSON that it makes. */
export function BucketDialog({
  title,
  name,
  start = {},
  submit,
  outcome,
  above,
  preview,
  words,
  warnings = [],
  cost,
  disabled = false,
  busy,
  error,
  onSubmit,
  onClose,
  ...form
}: BucketDialogProps) {
  const { value, set } = form.form;
  const kept = useFormDraft(name, JSON.stringify(value), JSON.stringify(start));
  useUnsaved(kept.changed && !busy ? 'what you have entered' : undefined, { drafted: true });
  const take = () => set((kept.draft && formOf(kept.draft)) ?? value);
  const close = () => leave(onClose);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (form.form.submit() && !disabled) onSubmit(kept.forget);
  };
  return (
    <Modal opened onClose={close} title={visibleText(title)} size="64rem">
      <form onSubmit={send} noValidate>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <Stack gap="md">
              {kept.draft && <DraftNotice draft={kept.draft} onTake={take} onDrop={kept.drop} />}
              {above}
              <SchemaForm {...form} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Stack gap="md" pos="sticky" top={72}>
              <WillBe label={outcome} parts={words} />
              {preview}
              {warnings.length > 0 && (
                <Alert color="orange" role="status">
                  {warnings.map(text => (
                    <Text key={text} size="sm">
                      {text}
                    </Text>
                  ))}
                </Alert>
              )}
              {cost && (
                <Muted role="status" aria-label="What it costs">
                  {cost}
                </Muted>
              )}
              {error !== null && error !== undefined && <ErrorNotice error={error} />}
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={close}>
                  Cancel
                </Button>
                <Button
                  type="submit"
                  loading={busy}
                  disabled={disabled || (form.form.submitted && !form.form.valid)}
                >
                  {submit}
                </Button>
              </Group>
            </Stack>
          </Grid.Col>
        </Grid>
      </form>
    </Modal>
  );
}
