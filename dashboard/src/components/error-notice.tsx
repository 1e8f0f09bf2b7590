import { Alert, Badge, Code, Group, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { toApiError } from '../api/api-error.ts';
import { writeVisible } from '../lib/visible-json.ts';
import { visibleText } from '../lib/visible-text.ts';
import { CodeBlock } from './code-block.tsx';
import { CopyButton } from './copy-button.tsx';
import { Muted } from './muted.tsx';
import { SmallButton } from './small-button.tsx';

/** What {@link ErrorNotice} is given. */
export interface ErrorNoticeProps {
  /** Anything that was thrown. */
  error: unknown;
  title?: string;
  /** Shows a button to try again. */
  onRetry?: (() => void) | undefined;
  mb?: string;
}

/** An error with its code, what happened and the way out, its details, and a way to copy all of it. */
export function ErrorNotice({ error, title = 'That did not work', onRetry, mb }: ErrorNoticeProps) {
  const { code, message, details, errors, invocationId } = toApiError(error);
  const hasDetails = Object.keys(details).length > 0;
  const report = writeVisible({ code, message, details, errors, invocation_id: invocationId }, 2);
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertTriangle size={20} aria-hidden />}
      {...(mb !== undefined && { mb })}
      title={
        <Group gap="xs">
          {title}
          <Badge color="red" variant="outline" tt="none" radius="sm" className="mono">
            {code}
          </Badge>
        </Group>
      }
    >
      <Text size="sm" className="wrap">
        {visibleText(message)}
      </Text>
      {errors.length > 0 && (
        <List size="sm" mt="xs">
          {errors.map(({ pointer, message: fault }) => (
            <List.Item key={`${pointer} ${fault}`} className="wrap">
              <Code>{visibleText(pointer || '/')}</Code> {visibleText(fault)}
            </List.Item>
          ))}
        </List>
      )}
      {hasDetails && (
        <CodeBlock label="Details" mt="xs" className="wrap" mah={200}>
          {writeVisible(details, 2)}
        </CodeBlock>
      )}
      <Group gap="xs" mt="xs">
        {onRetry && <SmallButton onClick={onRetry}>Try again</SmallButton>}
        {invocationId && (
          <Muted size="xs" className="mono">
            {invocationId}
          </Muted>
        )}
        <CopyButton text={report} label="Copy the error" />
      </Group>
    </Alert>
  );
}
