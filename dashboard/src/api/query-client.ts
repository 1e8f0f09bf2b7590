import { QueryClient } from '@tanstack/react-query';
import { ApiError } from './api-error.ts';
import { health } from './health.ts';
import { session } from './session.ts';

/** Answers of the server, kept for as long as they are shown. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      gcTime: 60_000,
      refetchOnWindowFocus: true,
      // What is wrong with the call stays wrong; what is wrong with the connection may pass.
      retry: (count, error) => error instanceof ApiError && error.retryable && count < 2,
      // The banner says what is wrong; a page with its last answer is better than one with nothing.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

/** Everything shown is asked for anew once calls can work again, and when somebody else calls. */
export function refreshOnRecovery(): () => void {
  let before = health.get().state;
  let { logIns, generation } = session.get();
  const ends = [
    health.subscribe(() => {
      const now = health.get().state;
      if (now === 'up' && before !== 'up') void askAnew();
      before = now;
    }),
    session.subscribe(() => {
      const now = session.get();
      if (now.generation !== generation) queryClient.clear();
      else if (now.logIns !== logIns) void askAnew();
      ({ logIns, generation } = now);
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/**
 * What is under way is given up first: a query without data would be handed the old request again, whose late failure says
 * nothing of now and would stay.
 */
async function askAnew(): Promise<void> {
  await queryClient.cancelQueries();
  await queryClient.invalidateQueries();
}
