import { Alert, Button, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconGitMerge } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import { When } from '../../components/amounts.tsx';
import { CodeEditor, DiffEditor } from '../../components/code-editor.tsx';
import { Segments } from '../../components/segments.tsx';
import { plural } from '../../lib/format.ts';
import { isJson } from '../../lib/json-text.ts';
import type { ConflictProps } from './conflict-props.ts';
import { editableText } from './editable-text.ts';
import { conflictsIn, merge3 } from './merge3.ts';

type Start = 'merged' | 'theirs' | 'mine';

/** Loaded by `Conflict` alone. */
export default function ConflictView({ base, theirs, mine, onMerged, onDiscard }: ConflictProps) {
  const kind = editableText(theirs);
  const texts = useMemo(() => {
    // Each as its own kind is shown, so that layout alone is no difference.
    const shown = (value: string, encoding: 'base64' | undefined) =>
      editableText({ value, encoding }).shown(value);
    return {
      base: shown(base.value, base.encoding),
      theirs: shown(theirs.value, theirs.encoding),
      mine: shown(mine, base.encoding),
    };
  }, [base, theirs, mine]);
  const merged = useMemo(() => merge3(texts.base, texts.theirs, texts.mine), [texts]);
  const [start, setStart] = useState<Start>('merged');
  const [text, setText] = useState(merged.text);
  const left = conflictsIn(text);
  const broken = kind.language === 'json' && left === 0 && !isJson(text);

  function begin(from: Start): void {
    setStart(from);
    setText(from === 'merged' ? merged.text : texts[from]);
  }

  return (
    <Stack gap="sm">
      <Alert
        color="orange"
        icon={<IconGitMerge size={20} aria-hidden />}
        title="Somebody else has saved this key meanwhile"
      >
        <Text size="sm" component="div">
          Nothing was overwritten. You began with revision {base.revision}; revision {theirs.revision} was
          written <When at={theirs.created_at} />.{' '}
          {merged.conflicts === 0
            ? 'The two changes do not touch each other and are merged below.'
            : `${plural(merged.conflicts, 'place')} below ${merged.conflicts === 1 ? 'was' : 'were'} changed by both: choose one side of what is marked.`}
        </Text>
      </Alert>
      <SimpleGrid cols={{ base: 1, lg: 2 }}>
        {SIDES.map(([side, title, label]) => (
          <div key={side}>
            <Title order={2} size="h5" mb={6}>
              {title}
            </Title>
            <DiffEditor
              left={texts.base}
              right={texts[side]}
              leftLabel="Before, as you loaded it"
              rightLabel={label}
              language={kind.language}
              height={240}
            />
          </div>
        ))}
      </SimpleGrid>
      <Group justify="space-between">
        <Title order={2} size="h5">
          Result
        </Title>
        <Segments
          label="Begin the result with"
          value={start}
          onChange={begin}
          of={{ merged: 'Both merged', theirs: 'Theirs', mine: 'Yours' }}
        />
      </Group>
      <CodeEditor label="Result" language={kind.language} value={text} onChange={setText} height={240} />
      <Group justify="space-between">
        <Text size="sm" c={left > 0 || broken ? 'var(--kv-warn)' : 'dimmed'} role="status">
          {left > 0 && `${plural(left, 'marked place')} to be decided.`}
          {broken && 'It was JSON and is none now.'}
          {left === 0 && !broken && `Will be saved on top of revision ${theirs.revision}.`}
        </Text>
        <Group gap="xs">
          <Button variant="default" onClick={onDiscard}>
            Discard my changes
          </Button>
          <Button disabled={left > 0} onClick={() => onMerged(kind.stored(text), theirs)}>
            Go on with the result
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}

const SIDES = [
  ['theirs', 'What they changed', 'Theirs'],
  ['mine', 'What you changed', 'Yours'],
] as const;
