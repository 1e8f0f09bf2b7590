import type { Decoder } from '../decoders/decoder.ts';
import { PROTOBUF } from '../decoders/protobuf.ts';
import { createKeptList } from '../kept-list.ts';
import { type ProtobufSchema, type ProtobufSource, readSchema } from './schema.ts';

/** Which message values are, of keys that begin so. This browser keeps it, as favourites; the server knows nothing of it. */
export interface ProtobufRule extends ProtobufSource {
  bucket: string;
  /** What keys begin with; empty: all of the bucket. */
  prefix: string;
  /** Full name of the message. */
  type: string;
}

/** Rules as JSON, so that one is found again by its text. */
export const protobufRules = createKeptList('protobuf', 50);

/** The rule of a key: the one with the longest prefix. */
export function ruleFor(
  texts: readonly string[],
  { bucket, key }: { bucket: string; key: string },
): ProtobufRule | undefined {
  const fitting = texts
    .flatMap(text => parsed(text) ?? [])
    .filter(rule => rule.bucket === bucket && key.startsWith(rule.prefix));
  return fitting.sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Keeps a rule in place of the one of the same bucket and prefix. */
export function keepRule(rule: ProtobufRule): void {
  dropRule(rule);
  protobufRules.add(JSON.stringify(rule));
}

/** Forgets the rule of a bucket and prefix. */
export function dropRule({ bucket, prefix }: Pick<ProtobufRule, 'bucket' | 'prefix'>): void {
  for (const text of protobufRules.get()) {
    const rule = parsed(text);
    if (rule?.bucket === bucket && rule.prefix === prefix) protobufRules.remove(text);
  }
}

const read = new Map<string, Promise<ProtobufSchema>>();

/** The schema of a source, read once. */
export function schemaOf(source: ProtobufSource): Promise<ProtobufSchema> {
  const known = read.get(source.content) ?? readSchema(source);
  read.set(source.content, known);
  return known;
}

/** Decodes values as a rule says they are. */
export function namedBy(rule: ProtobufRule): Decoder {
  return {
    name: PROTOBUF,
    fits: () => true,
    sure: true,
    decode: async bytes => ({ kind: 'value', value: (await schemaOf(rule)).decode(rule.type, bytes) }),
  };
}

function parsed(text: string): ProtobufRule | undefined {
  try {
    return JSON.parse(text) as ProtobufRule;
  } catch {
    return undefined;
  }
}
