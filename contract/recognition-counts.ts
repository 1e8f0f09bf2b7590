/** What recognition counts of one destination, as `GET /recognition` tells it: the server, its description and the dashboard have it from here. */

/** Counts that only grow while kvflow runs, by their names. */
export const RECOGNITION_COUNTERS = [
  'events',
  'anonymous',
  'identified',
  'recognized',
  'late',
  'bots',
  'amended',
  'failed',
] as const;

/** All that are numbers by themselves. */
export const RECOGNITION_NUMBERS = [...RECOGNITION_COUNTERS, 'pending'] as const;

/** Counts of one destination since kvflow started; `none` is the one of calls without a destination. */
export interface RecognitionCounts extends Record<(typeof RECOGNITION_COUNTERS)[number], number> {
  /** Parts of calls that are still to be finished. */
  pending: number;
  /** Amendments. */
  amend: {
    count: number;
    /** All of them together. */
    seconds: number;
    /** How many took at most so many seconds, all shorter ones included. */
    within: [seconds: number, count: number][];
  };
}

/** Before anything was counted. */
export function noRecognitionCounts(): RecognitionCounts {
  const zeros = Object.fromEntries(RECOGNITION_NUMBERS.map(name => [name, 0])) as Record<
    (typeof RECOGNITION_NUMBERS)[number],
    number
  >;
  return { ...zeros, amend: { count: 0, seconds: 0, within: [] } };
}
