/** How a field is shown in the editor and what its text means. */
export type FieldKind =
  | 'bucket'
  | 'text'
  | 'choice'
  | 'number'
  | 'duration'
  | 'boolean'
  | 'json'
  | 'value'
  | 'code';

/** JSON Schema of a function's input or output, or of a property of it. */
export type JsonSchema = Record<string, unknown>;

/** What manifest.json says of a function, as far as nodes are made of it. */
export interface ManifestFunction {
  name: string;
  title: string;
  description: string;
  annotations: { readOnly: boolean };
  errors: string[];
  otherwise?: { property: string; name: string };
  input: JsonSchema;
  output: JsonSchema;
}

export interface Manifest {
  functions: ManifestFunction[];
}

/** One property of an answer. */
export interface Property {
  name: string;
  /** Such as "string | object". */
  types: string;
  /** In English, as its schema says it. */
  about: string;
}

/** One property of a function's input. */
export interface Field extends Property {
  /** Its name as words, in English. */
  label: string;
  kind: FieldKind;
  required: boolean;
  /** Only of a choice. */
  choices?: (string | number)[];
  /** What the function takes when the field is not set. */
  default?: unknown;
  /** Shown in the empty field. */
  example?: string;
}

/** What the editor asks for a node itself: the same for every message. */
export interface Setting {
  name: string;
  label: string;
  about: string;
  kind: 'text' | 'number' | 'choice';
  /** Of a node that was just dropped; nodes of older flows have none. */
  default: string | number;
  /** Only of a choice. */
  choices?: { value: string; label: string }[];
}

/** One function as a node. */
export interface CatalogEntry {
  name: string;
  title: string;
  /** What it does, in English. */
  about: string;
  icon: string;
  color: string;
  /** Of the function's answer; one of them can be picked. Of a trigger: of the messages it sends. */
  results: Property[];
  fields: Field[];
  settings: Setting[];
  /** A missing key, or what `otherwise` says, leaves by the second output. */
  branches: boolean;
  /** Property of the answer that is false where there is nothing to go on with, and what that is called. */
  otherwise?: { property: string; name: string };
  /** Sends a message per change. */
  trigger: boolean;
  /** Changes nothing. */
  readOnly: boolean;
  /** Answers values, which may become what a flow uses: bytes, parsed JSON, text. */
  automatic: boolean;
  /** Codes of failures that go to Catch nodes. */
  errors: string[];
}

/** What every call ends with. */
export interface Envelope {
  status_code: number;
  data?: Record<string, unknown>;
  error?: EnvelopeError;
}

export interface EnvelopeError {
  code: string;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  errors?: { pointer: string; message: string }[];
}

/** Calls a function by name. Never throws. */
export type Invoke = (
  name: string,
  input: Record<string, unknown>,
  options?: { by?: WrittenBy; trace?: string },
) => Promise<Envelope>;

/** What a node says of itself. */
export interface WrittenBy {
  host: string;
  flow?: string;
  node: string;
}

/** How far a watch has come: what it asks for, and what to go on after. */
export interface Place {
  of: string;
  next: number;
  next_id?: string;
}

/** A way to kvflow that is open until it is closed. */
export interface Connection {
  invoke: Invoke;
  close(): Promise<void>;
}

/** What a kvflow that runs Node-RED offers, under `kvflow` in its settings: its functions or its URL. */
export interface KvflowHost {
  /** Where Node-RED is loaded into kvflow's own process. */
  invoke?: Invoke;
  /** Where it is a process of its own. */
  url?: string;
  /** API key of that process. */
  key?: string;
  joinNats: JoinNats;
}

/** Runs the functions on a NATS. */
export type JoinNats = (settings: NatsSettings) => Promise<Connection>;

/** What a tls-config node says: the text of certificates, and whether the server's is checked. */
export type Tls = Record<string, unknown>;

export interface NatsSettings {
  servers: string[];
  user?: string;
  password?: string;
  token?: string;
  credsFile?: string;
  nkeyFile?: string;
  tls?: Tls;
  domain?: string;
  name?: string;
}

/** A message of a flow. */
export type Msg = Record<string, unknown>;

/** What of Node-RED's API this package needs. */
export interface Red {
  nodes: {
    createNode(node: RedNode, config: object): void;
    registerType(name: string, create: (this: RedNode, config: NodeConfig) => void, options?: object): void;
    getNode(id: string): RedNode | null;
  };
  util: {
    evaluateNodeProperty(value: unknown, type: string, node: RedNode, msg: Msg): unknown;
    evaluateNodeProperty(
      value: unknown,
      type: string,
      node: RedNode,
      msg: Msg,
      callback: (error: Error | null, value: unknown) => void,
    ): void;
    setMessageProperty(msg: Msg, path: string, value: unknown, create: boolean): void;
  };
  settings: { kvflow?: KvflowHost };
  auth: { needsPermission(permission: string): unknown };
  httpAdmin: {
    get(
      path: string,
      permission: unknown,
      handler: (request: AdminRequest, response: AdminResponse) => void,
    ): void;
  };
}

export interface AdminRequest {
  params: Record<string, string>;
}

export interface AdminResponse {
  status(code: number): AdminResponse;
  json(body: unknown): void;
}

/** A node of a running flow. */
export interface RedNode {
  id: string;
  type: string;
  name?: string;
  credentials?: Record<string, string | undefined>;
  on(event: 'input', listener: (msg: Msg, send: Send, done: Done) => void): void;
  on(event: 'close', listener: (removed: boolean, done: () => void) => void): void;
  send: Send;
  status(status: Status): void;
  error(error: unknown, msg?: Msg): void;
  /** The flow it is in, as Node-RED has it. */
  _flow?: { flow?: { label?: string } };
  /** Only of a tls-config node. */
  addTLSOptions?(options: Tls): Tls;
  /** Only of a connection node. */
  kvflow?: Connection;
}

export type Send = (msg: Msg | (Msg | null)[]) => void;
export type Done = (error?: Error) => void;

export interface Status {
  fill?: 'red' | 'green' | 'yellow' | 'grey';
  shape?: 'dot' | 'ring';
  text?: string;
}

/** What the editor stored for a node. */
export type NodeConfig = Record<string, unknown> & { id: string; type: string; name?: string; z?: string };
