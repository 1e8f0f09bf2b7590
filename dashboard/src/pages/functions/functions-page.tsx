import { Card, Group, SimpleGrid, Text, Title } from '@mantine/core';
import { IconSearchOff } from '@tabler/icons-react';
import type { FunctionSummary } from '../../api/functions.ts';
import { useFunctions } from '../../api/functions.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import { Muted } from '../../components/muted.tsx';
import { PageHeader } from '../../components/page-header.tsx';
import { QueryState } from '../../components/query-state.tsx';
import { plural } from '../../lib/format.ts';
import { Link } from '../../router/link.tsx';
import { navigate, pathTo, useQueryState } from '../../router/location.ts';
import { Annotations } from './annotations.tsx';
import classes from './functions.module.css';
import { groupFunctions, mentions } from './groups.ts';
import { RunList } from './run-list.tsx';

/** Every function that may be called, by what it works on. */
export default function FunctionsPage() {
  const [query, changeQuery] = useQueryState();
  const asked = useFunctions();
  const { data } = asked;
  const search = query.get('q') ?? '';
  const found = data?.filter(fn => mentions(fn, search)) ?? [];
  const groups = groupFunctions(found);
  const first = groups[0]?.functions[0];
  return (
    <>
      <PageHeader
        title="Functions"
        subtitle={
          data
            ? `${plural(found.length, 'function')}: called here, over HTTP and NATS, by agents and from flows.`
            : 'Called here, over HTTP and NATS, by agents and from flows.'
        }
        search={{
          label: 'Search functions',
          value: search,
          onChange: q => changeQuery({ q }),
          onEnter: () => search !== '' && first && navigate(pathTo('functions', first.name)),
        }}
      />
      <QueryState query={asked} what="functions" title="The functions cannot be listed" />
      {data && found.length === 0 && (
        <EmptyState icon={IconSearchOff} title="No function fits">
          No name, title or description contains “{search}”.
        </EmptyState>
      )}
      {groups.map(({ title, functions }) => (
        <section key={title} aria-label={title}>
          <Title order={2} size="sm" c="dimmed" mb="xs" mt="lg">
            {title}
          </Title>
          <SimpleGrid cols={{ base: 1, sm: 2, xl: 3 }} spacing="sm">
            {functions.map(fn => (
              <FunctionCard key={fn.name} fn={fn} />
            ))}
          </SimpleGrid>
        </section>
      ))}
      <RunList />
    </>
  );
}

function FunctionCard({ fn: { name, title, description, annotations } }: { fn: FunctionSummary }) {
  return (
    <Card withBorder padding="sm" radius="md" className={classes.card}>
      <Group justify="space-between" wrap="nowrap" gap="xs" align="flex-start">
        <Link to={pathTo('functions', name)} fw={600} size="sm" className={classes.cover ?? ''}>
          {title}
        </Link>
        <Annotations annotations={annotations} short />
      </Group>
      <Muted size="xs" ff="monospace" mb={4}>
        {name}
      </Muted>
      <Text size="sm" lineClamp={2}>
        {description}
      </Text>
    </Card>
  );
}
