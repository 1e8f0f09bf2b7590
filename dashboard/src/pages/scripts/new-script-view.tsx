import { Group, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { PageHeader } from '../../components/page-header.tsx';
import { TextBox } from '../../components/text-box.tsx';
import { useKeys } from '../../hooks/use-keys.ts';
import { navigate, pathTo } from '../../router/location.ts';
import { newCase, written } from './case.ts';
import { TEMPLATES, type Template } from './templates.ts';
import { useBench } from './use-bench.ts';
import { Workbench } from './workbench.tsx';

const NAME = /^[A-Za-z0-9_-]{1,255}$/;
const [FIRST] = TEMPLATES;
const EMPTY = { script: '', description: '', tests: [] };

/** A script that is not stored yet, begun from one of the shapes that kvflow knows. */
export default function NewScriptView() {
  const [id, setId] = useState('');
  const blocked = id === '' ? 'Give the script a name.' : NAME.test(id) ? undefined : WRONG_NAME;
  const bench = useBench({
    id,
    stored: EMPTY,
    number: undefined,
    place: 'new script',
    blocked,
    onStored: () => navigate(pathTo('sessions', 'scripts', id), { saved: true }),
  });
  useKeys({ u: () => navigate(pathTo('sessions', 'scripts')) });

  function begin({ script, events, variables }: Template): void {
    bench.change({ script });
    bench.show(0);
    bench.changeSamples({ ...newCase(written(events)), variables: written(variables) });
  }

  return (
    <>
      <PageHeader
        title="New script"
        subtitle="Begin with the shape you know; kvflow tells them apart by what a script exports."
        crumbs={[
          { label: 'Sessions', to: pathTo('sessions') },
          { label: 'Stored scripts', to: pathTo('sessions', 'scripts') },
        ]}
      />
      <Stack gap="sm">
        <Group gap="md" align="flex-start">
          <TextBox
            label="Name"
            description="Letters, digits, - and _"
            value={id}
            onChange={setId}
            error={id !== '' && blocked}
            w={260}
            data-autofocus
          />
          <Shapes script={bench.form.script} onChoose={begin} />
        </Group>
        <Workbench bench={bench} id={id} />
      </Stack>
    </>
  );
}

const WRONG_NAME = 'Use letters, digits, - and _ only.';

/** What was typed is not replaced without asking: a template is chosen while there is nothing, or another template. */
function Shapes({ script, onChoose }: { script: string; onChoose(template: Template): void }) {
  const chosen = TEMPLATES.find(template => template.script === script);
  const isOwn = script !== '' && !chosen;
  return (
    <Radio.Group
      label="Shape"
      description={
        isOwn ? 'To begin with another shape, empty the editor.' : 'Events to try it on come with it'
      }
      value={chosen?.name ?? ''}
      onChange={name => {
        const template = TEMPLATES.find(one => one.name === name) ?? FIRST;
        if (template) onChoose(template);
      }}
    >
      <Group gap="md" mt={6}>
        {TEMPLATES.map(({ name, about }) => (
          <Radio key={name} size="sm" value={name} label={name} description={about} disabled={isOwn} />
        ))}
      </Group>
    </Radio.Group>
  );
}
