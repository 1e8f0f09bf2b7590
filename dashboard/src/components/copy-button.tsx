import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText } from '../lib/copy-text.ts';

/** Copies a text. `label` says what it copies: "Copy key". */
export function CopyButton({
  text,
  label = 'Copy',
  size = 'sm',
}: {
  text: string;
  label?: string;
  size?: 'xs' | 'sm' | 'md';
}) {
  const [copied, setCopied] = useState(false);
  async function copy() {
    setCopied(await copyText(text));
    setTimeout(() => setCopied(false), 1_500);
  }
  return (
    <Tooltip label={copied ? 'Copied' : label}>
      <ActionIcon
        size={size}
        onClick={copy}
        aria-label={copied ? 'Copied' : label}
        color={copied ? 'teal' : 'gray'}
      >
        {copied ? <IconCheck size="75%" stroke={1.6} /> : <IconCopy size="75%" stroke={1.6} />}
      </ActionIcon>
    </Tooltip>
  );
}
