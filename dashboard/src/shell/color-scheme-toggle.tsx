import { ActionIcon, type MantineColorScheme, Tooltip, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICON = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };
const LABEL = { auto: 'as the system', light: 'light', dark: 'dark' };

/** Goes through light, dark and what the system says. */
export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = ICON[colorScheme];
  const label = `Colours: ${LABEL[colorScheme]}. Change to: ${LABEL[NEXT[colorScheme]]}`;
  return (
    <Tooltip label={label}>
      <ActionIcon size="lg" onClick={() => setColorScheme(NEXT[colorScheme])} aria-label={label}>
        <Icon size={20} stroke={1.6} />
      </ActionIcon>
    </Tooltip>
  );
}
