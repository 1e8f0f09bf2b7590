import { Kbd, Modal, Stack, Table, Title } from '@mantine/core';
import { Fragment } from 'react';
import { Muted } from '../components/muted.tsx';
import { matchPage, navigationPages } from '../pages/pages.ts';
import { useParts } from '../router/location.ts';

const EVERYWHERE = [
  { keys: ['Ctrl', 'K'], does: 'Go to a page, bucket, key or action by its name' },
  { keys: ['?'], does: 'Show this help' },
  { keys: ['/'], does: 'Search on this page' },
  { keys: ['Esc'], does: 'Close a dialog, leave a field' },
];

/** Which keys do what, here and everywhere. */
export function HelpOverlay({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const page = matchPage(useParts())?.page;
  const goTo = navigationPages.flatMap(({ nav }) =>
    nav.key ? [{ keys: ['g', nav.key], does: `Go to ${nav.label}` }] : [],
  );
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard and help">
      <Stack gap="md">
        <Bindings title="Everywhere" list={[...EVERYWHERE, ...goTo]} />
        {page?.keys && <Bindings title="On this page" list={page.keys} />}
        <Muted>
          Every bucket, key and revision has an address of its own: copy it from the browser to share it. What
          this page can do is in the API too; its reference is at <a href="/docs">/docs</a>.
        </Muted>
      </Stack>
    </Modal>
  );
}

function Bindings({ title, list }: { title: string; list: { keys: string[]; does: string }[] }) {
  return (
    <div>
      <Title order={3} size="sm" mb={4}>
        {title}
      </Title>
      <Table withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {list.map(({ keys, does }) => (
            <Table.Tr key={does}>
              <Table.Td w={110}>
                {keys.map((key, index) => (
                  <Fragment key={key}>
                    {index > 0 && ' '}
                    <Kbd>{key}</Kbd>
                  </Fragment>
                ))}
              </Table.Td>
              <Table.Td>{does}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
