/** What identify goes by where neither a call nor kvflow.yaml says anything else. */

/** Where events of the usual trackers say when they happened: Jitsu, Segment, PostHog, Amplitude, Snowplow and their kin. */
export const TIMESTAMP_NODE = [
  '/timestamp',
  '/_timestamp',
  '/utc_time',
  '/eventn_ctx/utc_time',
  '/event_time',
  '/eventTime',
  '/originalTimestamp',
  '/original_timestamp',
  '/occurred_at',
  '/occurredAt',
  '/derived_tstamp',
  '/created_at',
  '/createdAt',
  '/time',
  '/ts',
  '/properties/time',
].join('||');

/** Values that are no identity, compared in lower case without the spaces around them. Empty text and zeros never are one. */
export const NO_IDENTITY_VALUES = [
  'null',
  'undefined',
  'anonymous',
  'none',
  '-1',
  'nil',
  'n/a',
  'guest',
  'unknown',
  'not set',
  '(not set)',
  'not_authenticated',
  'distinct_id',
  'distinctid',
];

/** Where `user_agent_node` points by default. */
export const USER_AGENT_NODE = '/user_agent||/eventn_ctx/user_agent||/context/userAgent';
