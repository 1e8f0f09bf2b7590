import { Button, Grid, Group, Modal, Stack } from '@mantine/core';
import type { FormEvent } from 'react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { JsonPreview } from '../../components/json-preview.tsx';
import { SchemaForm, type SchemaFormProps } from '../../components/schema-form/schema-form.tsx';

/** What {@link BucketDialog} is given. */
export interface BucketDialogProps extends SchemaFormProps {
  title: string;
  /** On the button. */
  submit: string;
  /** The JSON that will be sent. */
  json: unknown;
  disabled?: boolean;
  busy: boolean;
  error: unknown;
  onSubmit(): void;
  onClose(): void;
}

/** A form of a bucket's options, with the JSON that it makes. */
export function BucketDialog({
  title,
  submit,
  json,
  disabled = false,
  busy,
  error,
  onSubmit,
  onClose,
  ...form
}: BucketDialogProps) {
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (form.form.submit() && !disabled) onSubmit();
  };
  return (
    <Modal opened onClose={onClose} title={title} size="64rem">
      <form onSubmit={send} noValidate>
        <Grid gap="lg">
          <Grid.Col span={{ base: 12, md: 8 }}>
            <SchemaForm {...form} />
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Stack gap="md" pos="sticky" top={72}>
              <JsonPreview value={json} />
              {error !== null && error !== undefined && <ErrorNotice error={error} />}
              <Group justify="flex-end" gap="xs">
                <Button variant="default" onClick={onClose}>
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
