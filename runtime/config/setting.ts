import type { Parser } from './parsers.ts';

/** One setting: where it may be said, how it is read, what it is when nobody says it. */
export interface Setting<T> {
  /** Key in the file, dots between levels. */
  key: string;
  /** Environment variable, which wins over the file; `<env>_FILE` names a file that holds the value, where `secret`. */
  env?: string;
  /** Never shown, not even when it is wrong. */
  secret?: true;
  parse: Parser<T>;
  fallback: T;
  /** What it is for, as Markdown, for the table of docs/configuration.md. */
  about: string;
  /** What the table shows as its default. Default: `fallback`. */
  shows?: string;
}

/** What reading a table of settings gives. */
export type ValuesOf<Table> = { [Name in keyof Table]: Table[Name] extends Setting<infer T> ? T : never };

/** One as it is written down: the type of its values is that of its parser. */
export function setting<T>(it: Setting<T>): Setting<T> {
  return it;
}

/** One that may be left out. */
export function optional<T>(it: Omit<Setting<T>, 'fallback'>): Setting<T | undefined> {
  return { ...it, fallback: undefined };
}
