import { ActionIcon, Button, Center, Group, Skeleton, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { Older } from '../hooks/use-older.ts';
import { plural } from '../lib/format.ts';
import { When } from './amounts.tsx';
import { type Column, DataTable } from './data-table.tsx';
import { EmptyState } from './empty-state.tsx';
import { ErrorNotice } from './error-notice.tsx';

/** What {@link OlderRows} is given. */
export interface OlderRowsProps<Row> {
  label: string;
  older: Older<Row>;
  columns: readonly Column<Row>[];
  rowId(row: Row): string;
  /** One row is called so: "change". */
  one: string;
  empty: { title: string; text: string };
}

/** Rows newest first, as of when they were asked for, with a button for older ones. */
export function OlderRows<Row>({ label, older, columns, rowId, one, empty }: OlderRowsProps<Row>) {
  const { rows, error, more, loading } = older;
  return (
    <>
      <Group justify="flex-end" gap="xs" mb="xs">
        {rows && (
          <Text size="xs" c="dimmed" className="num" role="status">
            {plural(rows.length, one)}
            {more && ' and more'}, newest first, as of{' '}
            <When at={new Date(older.asOf).toISOString()} inherit />
          </Text>
        )}
        <ActionIcon aria-label={`Refresh the list`} onClick={older.refresh}>
          <IconRefresh size={17} stroke={1.6} />
        </ActionIcon>
      </Group>
      {error && <ErrorNotice error={error} title="It cannot be listed" onRetry={older.refresh} mb="sm" />}
      {!rows && !error && <Skeleton role="img" h={240} aria-label="Loading the list" />}
      {rows?.length === 0 && !more && <EmptyState title={empty.title}>{empty.text}</EmptyState>}
      {rows && rows.length > 0 && (
        <DataTable label={label} rows={rows} columns={columns} rowId={rowId} limit={5_000} />
      )}
      {more && (
        <Center mt="sm">
          <Button variant="default" size="xs" loading={loading} onClick={older.fetchMore}>
            Show older ones
          </Button>
        </Center>
      )}
    </>
  );
}
