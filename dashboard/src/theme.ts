import { ActionIcon, type CSSVariablesResolver, createTheme, Menu, Modal, Tooltip } from '@mantine/core';

/** How long the pointer rests on something before what it is called or amounts to is shown, in milliseconds. */
export const REST_MS = 300;

/** Looks of the dashboard. Shades are chosen so that all text has a contrast of at least 4.5. */
export const theme = createTheme({
  primaryColor: 'blue',
  primaryShade: { light: 8, dark: 8 },
  defaultRadius: 'md',
  fontFamily: 'Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  headings: { fontWeight: '600' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: 'subtle', color: 'gray' } }),
    // Its element that takes the focus first is none that a menu may hold: the menu itself takes it.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        overlayProps: { backgroundOpacity: 0.4 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        withArrow: true,
        openDelay: REST_MS,
        events: { hover: true, focus: true, touch: true },
      },
    }),
  },
});

/** Colours of states that Mantine leaves to us, and dimmed text that can still be read. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#565d64',
    '--mantine-color-placeholder': '#6a7178',
    '--mantine-color-error': '#c92a2a',
    // Text of badges and notices on their own tint.
    '--mantine-color-orange-light-color': '#8f3800',
    '--mantine-color-red-light-color': '#a61e1e',
    '--mantine-color-red-outline': '#a61e1e',
    '--mantine-color-green-light-color': '#1e6b30',
    '--mantine-color-teal-light-color': '#08664f',
    '--mantine-color-yellow-light-color': '#7a4d00',
    '--mantine-color-cyan-light-color': '#0b5f70',
    '--mantine-color-grape-light-color': '#862e9c',
    '--kv-surface': '#ffffff',
    '--kv-ground': '#f6f7f9',
    '--kv-line': '#e3e6ea',
    '--kv-hover': '#f1f4f8',
    '--kv-accent': '#1971c2',
    '--kv-good': '#217a35',
    '--kv-warn': '#a85d00',
    '--kv-bad': '#c92a2a',
  },
  dark: {
    '--mantine-color-body': '#16181c',
    '--mantine-color-dimmed': '#a3a9b2',
    '--mantine-color-placeholder': '#8d949e',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-anchor': '#74c0fc',
    '--mantine-color-red-light': 'rgba(250, 82, 82, 0.13)',
    '--mantine-color-red-light-color': '#ffa8a8',
    '--mantine-color-red-outline': '#ff8787',
    '--mantine-color-orange-light': 'rgba(253, 126, 20, 0.14)',
    '--mantine-color-orange-light-color': '#ffc078',
    '--kv-surface': '#1d2025',
    '--kv-ground': '#16181c',
    '--kv-line': '#30343b',
    '--kv-hover': '#252a31',
    '--kv-accent': '#4dabf7',
    '--kv-good': '#69db7c',
    '--kv-warn': '#ffc078',
    '--kv-bad': '#ff8787',
  },
});
