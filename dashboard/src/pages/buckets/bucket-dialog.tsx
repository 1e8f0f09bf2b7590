import { Alert, Button, Grid, Group, Modal, Stack, Text } from '@mantine/core';
import type { FormEvent, ReactNode } from 'react';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { SchemaForm, type SchemaFormProps } from '../../components/schema-form/schema-form.tsx';

/** What {@link BucketDialog} is given. */
export interface BucketDialogProps extends SchemaFormProps {
  title: string;
  /** On the button. */
  submit: string;
  /** Above the fields. */
  above?: ReactNode;
  /** What will be sent, beside the fields. */
  preview: ReactNode;
  /** What does not go together, or costs more than it seems. */
  warnings?: readonly string[];
  /** What it takes of the cluster. */
  cost?: string;
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
  above,
  preview,
  warnings = [],
  cost,
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
            <Stack gap="md">
              {above}
              <SchemaForm {...form} />
            </Stack>
          </Grid.Col>
          <Grid.Col span={{ base: 12, md: 4 }}>
            <Stack gap="md" pos="sticky" top={72}>
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
                <Text size="sm" c="dimmed" role="status" aria-label="What it costs">
                  {cost}
                </Text>
              )}
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
