import { type MantineColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconDeviceDesktop, IconMoon, IconSun } from '@tabler/icons-react';
import { IconButton } from '../components/icon-button.tsx';

const NEXT: Record<MantineColorScheme, MantineColorScheme> = { auto: 'light', light: 'dark', dark: 'auto' };
const ICON = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon };
const LABEL = { auto: 'as the system', light: 'light', dark: 'dark' };

/** Goes through light, dark and what the system says. */
export function ColorSchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const label = `Colours: ${LABEL[colorScheme]}. Change to: ${LABEL[NEXT[colorScheme]]}`;
  return (
    <IconButton
      icon={ICON[colorScheme]}
      label={label}
      size="lg"
      onClick={() => setColorScheme(NEXT[colorScheme])}
    />
  );
}
