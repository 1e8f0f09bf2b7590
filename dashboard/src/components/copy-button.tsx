import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { copyText } from '../lib/copy-text.ts';
import { visibleText } from '../lib/visible-text.ts';

/** Copies a text. `label` says what it copies: "Copy key". */
export function CopyButton(props: { text: string; label?: string; size?: 'xs' | 'sm' | 'md' }) {
  const { text, label = 'Copy', size = 'sm' } = props;
  const [copied, setCopied] = useState(false);
  const says = copied ? 'Copied' : visibleText(label);
  async function copy() {
    setCopied(await copyText(text));
    setTimeout(() => setCopied(false), 1_500);
  }
  return (
    <Tooltip label={says}>
      <ActionIcon size={size} onClick={copy} aria-label={says} color={copied ? 'teal' : 'gray'}>
        {copied ? <IconCheck size="75%" stroke={1.6} /> : <IconCopy size="75%" stroke={1.6} />}
      </ActionIcon>
    </Tooltip>
  );
}
