import type { BatchItem } from '../../api/invoke.ts';

const page = (event_id: string, anonymous_id: string, url: string) => ({
  event_id,
  event_type: 'page',
  url,
  user: { anonymous_id },
});

/** Two visitors look around; then one of them logs in. */
export const EXAMPLE_CALLS: BatchItem[] = [
  {
    function: 'identify',
    input: {
      destination: 'embedded',
      events: [
        page('event1', 'visitor-1', '/home'),
        page('event2', 'visitor-1', '/pricing'),
        page('event3', 'visitor-2', '/docs'),
      ],
    },
  },
  {
    function: 'identify',
    input: {
      destination: 'embedded',
      event: {
        event_id: 'event4',
        event_type: 'login',
        user: { anonymous_id: 'visitor-1', id: '77', email: 'ada@example.com' },
      },
    },
  },
];

export const EXAMPLE_DONE = 'visitor-1 was recognized: two rows have an identity now.';
