/**
 * Who made a call, as it is kept with what the call wrote. The name of the API key is proven; all else is what the caller
 * says of itself.
 */
export interface WrittenBy {
  /** Name of the API key. */
  key?: string;
  /** What called: node-red, n8n, mcp, cli, dashboard, or another program's name. */
  host?: string;
  /** Flow or workflow of the host. */
  flow?: string;
  /** Node of the flow. */
  node?: string;
  /** Id of the stored script that wrote, or `inline`. */
  script?: string;
}

/** Request header, over HTTP and NATS, by which a caller says what it is: see {@link formatWrittenBy}. */
export const BY_HEADER = 'x-kvflow-by';

const FIELDS = ['key', 'host', 'flow', 'node', 'script'] as const;
const CLAIMS = ['host', 'flow', 'node'] as const;
const MAX_CHARACTERS = 100;
/** Begins every API key: none is ever stored, whoever names a flow by it. */
const SECRET = /kvf_[\w-]{8}/;

/** One line of printable ASCII, `key=ops; host=node-red; flow=Orders`, its values percent-encoded and cut at 100 characters. */
export function formatWrittenBy(by: WrittenBy): string {
  return FIELDS.flatMap(name => {
    const value = by[name];
    return value && !SECRET.test(value) ? [`${name}=${encodeURIComponent(cut(value))}`] : [];
  }).join('; ');
}

/** Reads {@link formatWrittenBy}; what is not understood is left out. */
export function parseWrittenBy(text: string): WrittenBy {
  return fieldsOf(text, FIELDS);
}

/** What a caller says of itself in {@link BY_HEADER}: it can name neither an API key nor a script. Undefined: nothing. */
export function parseClaim(text: string | undefined): WrittenBy | undefined {
  if (!text) return undefined;
  const claim = fieldsOf(text, CLAIMS);
  return Object.keys(claim).length > 0 ? claim : undefined;
}

/** What several writers have in common. */
export function commonWrittenBy(all: readonly (WrittenBy | undefined)[]): WrittenBy | undefined {
  const [first, ...others] = all;
  if (!first || others.every(other => other === first)) return first;
  const shared = FIELDS.filter(name => first[name] && others.every(other => other?.[name] === first[name]));
  return shared.length > 0 ? Object.fromEntries(shared.map(name => [name, first[name]])) : undefined;
}

function fieldsOf(text: string, names: readonly (keyof WrittenBy)[]): WrittenBy {
  const by: WrittenBy = {};
  for (const part of text.split(';')) {
    const at = part.indexOf('=');
    const name = names.find(each => each === part.slice(0, at).trim());
    const value = name && decoded(part.slice(at + 1).trim());
    if (name && value && !SECRET.test(value)) by[name] = cut(value);
  }
  return by;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Never half a surrogate pair, which could not be encoded. */
function cut(text: string): string {
  return text
    .toWellFormed()
    .slice(0, MAX_CHARACTERS)
    .replace(/[\uD800-\uDBFF]$/, '');
}
