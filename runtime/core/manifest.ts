/** The shape of manifest.json: everything hosts need to know about every function. */

/** A JSON Schema (2020-12) without outside references. */
export type JsonSchema = Record<string, unknown>;

/** Hints for hosts and agents, in the terms of the Model Context Protocol. */
export interface Annotations {
  /** Changes nothing. */
  readOnly: boolean;
  /** May remove or replace what was stored. */
  destructive: boolean;
  /** Calling again with the same input changes nothing more. */
  idempotent: boolean;
}

/** A call that the documentation shows and the tests run. */
export interface Example {
  title: string;
  /** Calls that set the scene. */
  given?: { function: string; input: Record<string, unknown> }[];
  input: Record<string, unknown>;
  /** Of a call that works; timestamps stand for any timestamp. */
  output?: Record<string, unknown>;
  /** Error code of a call that fails. */
  error?: string;
}

/** One function of the manifest. */
export interface ManifestFunction {
  name: string;
  title: string;
  description: string;
  category: string;
  annotations: Annotations;
  /** Property of its answer that is false where there is nothing to go on with, and what that is called: a second output in hosts. */
  otherwise?: { property: string; name: string };
  /** Its calls are kept in the log of administrative calls: all, or those whose input has this property. */
  admin?: true | string;
  /** Error codes it may answer with beside those any call may. */
  errors: string[];
  examples: Example[];
  input: JsonSchema;
  output: JsonSchema;
}

/** The whole index. */
export interface Manifest {
  version: string;
  functions: ManifestFunction[];
}
