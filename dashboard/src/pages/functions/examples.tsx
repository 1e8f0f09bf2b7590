import { Button, Group } from '@mantine/core';
import { IconCheck, IconWand } from '@tabler/icons-react';
import { useState } from 'react';
import type { FunctionExample } from '../../api/functions.ts';
import { Muted } from '../../components/muted.tsx';
import { Link } from '../../router/link.tsx';
import { functionLink } from './deep-link.ts';

/** Examples that fill the form. One that presumes something says what, and leads there. */
export function Examples({
  examples,
  onFill,
}: {
  examples: readonly FunctionExample[];
  onFill(input: Record<string, unknown>): void;
}) {
  const [chosen, setChosen] = useState<FunctionExample>();
  if (examples.length === 0) return null;
  const choose = (example: FunctionExample) => {
    setChosen(example);
    onFill(example.input);
  };
  return (
    <section aria-label="Examples">
      <Group gap={6}>
        <Muted size="xs">Examples</Muted>
        {examples.map(example => (
          <Button
            key={example.title}
            variant="default"
            size="compact-xs"
            fw={example === chosen ? 700 : 500}
            aria-pressed={example === chosen}
            leftSection={<Mark chosen={example === chosen} />}
            onClick={() => choose(example)}
          >
            {example.title}
          </Button>
        ))}
      </Group>
      {chosen && <Presumed example={chosen} />}
    </section>
  );
}

function Mark({ chosen }: { chosen: boolean }) {
  const Icon = chosen ? IconCheck : IconWand;
  return <Icon size={13} stroke={1.6} aria-hidden />;
}

function Presumed({ example: { given = [], error } }: { example: FunctionExample }) {
  return (
    <Muted size="xs" mt={6} component="div">
      {given.length > 0 && (
        <>
          It presumes:{' '}
          {given.map(({ function: name, input }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the same call may be there twice
            <span key={index}>
              {index > 0 && ', '}
              <Link to={functionLink(name, input)} inherit underline="always" title={JSON.stringify(input)}>
                {name}
              </Link>
            </span>
          ))}
          .{' '}
        </>
      )}
      {error !== undefined && (
        <>
          It is answered with the error <code>{error}</code>.
        </>
      )}
    </Muted>
  );
}
