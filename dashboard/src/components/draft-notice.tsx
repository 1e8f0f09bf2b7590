import { Alert, Button, Group } from '@mantine/core';
import type { Draft } from '../lib/drafts.ts';
import { When } from './amounts.tsx';
import { CodeBlock } from './code-block.tsx';
import { SmallButton } from './small-button.tsx';

/** Characters of a draft that are shown before it is taken up. */
const SHOWN = 200;

/** Offers what was typed earlier and not saved. */
export function DraftNotice({ draft, onTake, onDrop }: { draft: Draft; onTake(): void; onDrop(): void }) {
  const { text, at } = draft;
  return (
    <Alert color="blue" mb="md" title="You have a draft that was not saved">
      <When at={new Date(at).toISOString()} fz="sm" />
      <CodeBlock label="Draft" my="xs" className="wrap" mah={120}>
        {text.length > SHOWN ? `${text.slice(0, SHOWN)} …` : text}
      </CodeBlock>
      <Group gap="xs">
        <Button size="compact-sm" onClick={onTake}>
          Go on editing
        </Button>
        <SmallButton onClick={onDrop}>Discard the draft</SmallButton>
      </Group>
    </Alert>
  );
}
