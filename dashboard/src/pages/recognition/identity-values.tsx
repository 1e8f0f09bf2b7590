import { Group, Text, Tooltip } from '@mantine/core';
import type { IdentityNode } from '../../../../contract/types.gen.ts';
import { Mark } from '../../components/mark.tsx';
import { Mono } from '../../components/mono.tsx';
import { Muted } from '../../components/muted.tsx';

/** What kvflow looks for where nobody configured anything else. */
const DEFAULT_NODES = ['/user/id', '/user/email'];

/** Who somebody is, value by value. `expected`: nodes of which one may be missing. */
export function IdentityValues(props: { values: readonly IdentityNode[]; expected?: readonly string[] }) {
  const { values, expected = [] } = props;
  if (values.length === 0) {
    return <Muted>nobody: the recognition was undone</Muted>;
  }
  const missing = expected.filter(node => !values.some(value => value.node === node));
  return (
    <Group gap={14}>
      {values.map(({ node, value }) => (
        <Tooltip key={node} label={node}>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what it says on hover must be reached by the keyboard */}
          <span tabIndex={0}>
            <Text span size="xs" c="dimmed">
              {shortNode(node)}{' '}
            </Text>
            <Mono fz="sm" fw={600}>
              {String(value)}
            </Mono>
          </span>
        </Tooltip>
      ))}
      {missing.length > 0 && (
        <Tooltip label={`Nothing is known yet at ${missing.join(', ')}; events stay remembered until it is.`}>
          <Mark size="xs" color="orange" tabIndex={0}>
            partial
          </Mark>
        </Tooltip>
      )}
    </Group>
  );
}

/** Nodes that identities of these visitors have, and those that kvflow looks for by itself where they are among them. */
export function expectedNodes(identities: readonly { identity: readonly IdentityNode[] }[]): string[] {
  const seen = new Set(identities.flatMap(({ identity }) => identity.map(({ node }) => node)));
  if (DEFAULT_NODES.some(node => seen.has(node))) for (const node of DEFAULT_NODES) seen.add(node);
  return [...seen];
}

/** `/user/email||/email` is `email`. */
function shortNode(node: string): string {
  return node.split('||')[0]?.split('/').at(-1) ?? node;
}
