import { Alert, Box, Loader } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { health } from '../api/health.ts';
import { useStore } from '../lib/store.ts';

/** Says that calls cannot work now, for as long as it is so. */
export function HealthBanner() {
  const now = useStore(health);
  return (
    <Box role="status" aria-live="polite">
      {now.state !== 'up' && (
        <Alert
          color="orange"
          mb="md"
          icon={<IconPlugConnectedX size={20} aria-hidden />}
          title={now.state === 'down' ? 'kvflow does not answer' : 'NATS is out of reach'}
        >
          {now.state === 'down'
            ? 'What you see is the last that was known. This page tries again by itself; see whether kvflow still runs where you started it.'
            : `${now.reason}. What you see is the last that was known; this page goes on by itself.`}{' '}
          <Loader size={12} type="dots" color="orange" aria-hidden />
        </Alert>
      )}
    </Box>
  );
}
