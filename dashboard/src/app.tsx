import { MantineProvider } from '@mantine/core';
import { ModalsProvider } from '@mantine/modals';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { useEffect } from 'react';
import { watchHealth } from './api/health.ts';
import { queryClient, refreshOnRecovery } from './api/query-client.ts';
import { Shell } from './shell/shell.tsx';
import { cssVariables, theme } from './theme.ts';

/** The dashboard. */
export function App() {
  useEffect(() => {
    void watchHealth();
    return refreshOnRecovery();
  }, []);
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" />
          <Shell />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
