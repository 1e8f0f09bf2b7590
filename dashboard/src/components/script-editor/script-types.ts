/** A name that scripts see, as transform.d.ts declares it. */
export interface ScriptName {
  /** How it is written: `set(key: string, value: unknown, opts?: KvTtl): Promise<void>`. */
  signature: string;
  about: string;
  /** Type of its value; of a function, of what it answers. */
  type: string;
  kind: 'variable' | 'function' | 'class';
  /** Types of a function's parameters. */
  params?: string[];
}

/** Names by the type that has them; those that every script sees are under `''`. */
export type ScriptTypes = Record<string, Record<string, ScriptName>>;
