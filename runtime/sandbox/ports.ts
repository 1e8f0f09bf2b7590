/** The key-value store behind `$kv`, as the sandbox needs it: declared by the core, which makes it. */
export type {
  ScriptKv,
  ScriptKvCheck,
  ScriptKvCommit,
  ScriptKvEntry,
  ScriptKvWrite,
} from '../core/scripts.ts';
