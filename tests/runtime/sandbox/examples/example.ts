/** What a product's documentation shows, restated: a script, what it gets, and what has to come of it. */
export interface Example {
  what: string;
  script: string;
  /** One event, or several of one call. */
  event: object | object[];
  variables?: Record<string, unknown>;
  /** What the store holds before. */
  store?: Record<string, unknown>;
  /** What the server behind fetch answers, as JSON. */
  fetched?: unknown;
  secrets?: Record<string, string>;
  /** Events that come out; an empty list: skipped. */
  made?: object[];
  /** Part of the message where the event fails. */
  fails?: string;
  /** What is logged, in order. */
  logs?: string[];
}
