import { Code, Group, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { codeOf } from '../../api/api-error.ts';
import type { FunctionSpec } from '../../api/functions.ts';
import { useFunction } from '../../api/functions.ts';
import { CallForms } from '../../components/call-forms.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Muted } from '../../components/muted.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { navigate, pathTo, withQuery } from '../../router/location.ts';
import type { PageProps } from '../page-definition.ts';
import { Annotations } from './annotations.tsx';
import { AnswerPane } from './answer-pane.tsx';
import { AskFirst, asksFirst } from './ask-first.tsx';
import { ELSEWHERE } from './elsewhere.ts';
import { Examples } from './examples.tsx';
import classes from './functions.module.css';
import { InputPane } from './input-pane.tsx';
import { RunList } from './run-list.tsx';
import { useCaller } from './use-caller.ts';

/** One function: what it does, its input, its answer, and how it is called from elsewhere. */
export default function FunctionView({ params: { name = '' } }: PageProps) {
  const asked = useFunction(name);
  const { data } = asked;
  const [search, setSearch] = useState('');
  const find = () => navigate(withQuery(pathTo('functions'), { q: search }));
  return (
    <>
      <PageHeader
        title={data?.title ?? name}
        crumbs={[{ label: 'Functions', to: pathTo('functions') }]}
        subtitle={
          <Group gap="xs" mt={4}>
            <Text span size="sm" ff="monospace">
              {name}
            </Text>
            <CopyButton text={name} label="Copy the function's name" size="xs" />
            {data && <Annotations annotations={data.annotations} />}
          </Group>
        }
        search={{ label: 'Search functions', value: search, onChange: setSearch, onEnter: find }}
      />
      <QueryState
        query={asked}
        what="the function"
        title={
          codeOf(asked.error) === 'FORBIDDEN'
            ? 'This function may not be called'
            : 'There is no such function'
        }
      />
      {data && <Loaded key={name} spec={data} />}
    </>
  );
}

function Loaded({ spec }: { spec: FunctionSpec }) {
  const caller = useCaller(spec);
  const [asking, setAsking] = useState(false);
  const send = () => void caller.send();
  function onCall(): void {
    if (caller.pending) return;
    if (!caller.submit()) focusFault();
    else if (asksFirst(spec)) setAsking(true);
    else send();
  }
  return (
    <>
      <Text size="sm" maw={860} mb="sm" className="wrap">
        {spec.description}
      </Text>
      <Stack gap="sm" mb="md">
        <Errors codes={spec.errors} />
        <Examples examples={spec.examples} onFill={caller.fill} />
      </Stack>
      <div className="columns">
        <InputPane caller={caller} onCall={onCall} />
        <Stack gap="md" miw={0} className={classes.side ?? ''}>
          <AnswerPane run={caller.run} stale={caller.pending} />
          <section className="pane" aria-label="Use it elsewhere">
            <Title order={2} size="sm" mb="xs">
              Use it elsewhere
            </Title>
            <CallForms spec={spec} input={caller.form.value} label="Copy as" forms={ELSEWHERE} />
          </section>
        </Stack>
      </div>
      <RunList name={spec.name} onChoose={caller.show} />
      {asking && <AskFirst caller={caller} onCall={send} onClose={() => setAsking(false)} />}
    </>
  );
}

/** What is missing may be out of sight; it is marked a moment from now. */
function focusFault(): void {
  setTimeout(() => document.querySelector<HTMLElement>('main form [aria-invalid="true"]')?.focus());
}

function Errors({ codes }: { codes: readonly string[] }) {
  if (codes.length === 0) return null;
  return (
    <Group gap={6} aria-label="Errors it may answer" role="group">
      <Muted size="xs">May answer</Muted>
      {codes.map(code => (
        <Code key={code} fz={11.5}>
          {code}
        </Code>
      ))}
    </Group>
  );
}
