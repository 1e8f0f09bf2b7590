import { Group, Tooltip } from '@mantine/core';
import type { FunctionSummary } from '../../api/functions.ts';
import { Mark } from '../../components/mark.tsx';

type Annotation = [color: string, text: string, meaning: string];

/** What a call can do, in badges. `short`: leaves out what is not special. */
export function Annotations(props: { annotations: FunctionSummary['annotations']; short?: boolean }) {
  const {
    annotations: { readOnly, destructive, idempotent },
    short = false,
  } = props;
  const marks: Annotation[] = [
    readOnly
      ? ['teal', 'reads', 'Changes nothing']
      : destructive
        ? ['orange', 'overwrites', 'May overwrite or delete what is there']
        : ['blue', 'writes', 'Adds, and loses nothing'],
  ];
  if (!short && !readOnly)
    marks.push(
      idempotent
        ? ['gray', 'safe to repeat', 'The same call again changes nothing more']
        : ['grape', 'counts each call', 'The same call again has its effect again'],
    );
  return (
    <Group gap={6} wrap="nowrap">
      {marks.map(([color, text, meaning]) => (
        <Tooltip key={text} label={meaning}>
          <Mark color={color} size={short ? 'sm' : 'md'}>
            {text}
          </Mark>
        </Tooltip>
      ))}
    </Group>
  );
}
