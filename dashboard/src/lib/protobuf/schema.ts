import type { DescMessage, FileRegistry } from '@bufbuild/protobuf';
import { fromProto } from './from-proto.ts';

/** What describes messages: the text of a .proto file, or a compiled FileDescriptorSet in base64. */
export interface ProtobufSource {
  kind: 'text' | 'compiled';
  content: string;
}

/** Messages of a source, by name. */
export interface ProtobufSchema {
  /** Full names, such as `shop.Order`; the outermost first, in the order of the source. */
  types: string[];
  /** A message as JSON has it, by the names of its fields; what the source does not know stands by number. Throws. */
  decode(type: string, bytes: Uint8Array): unknown;
}

/** Reads a source; its libraries are loaded then. Rejects with what is wrong. */
export async function readSchema(source: ProtobufSource): Promise<ProtobufSchema> {
  const [{ create, createFileRegistry, fromBinary, toJson }, { FileDescriptorSetSchema }] = await Promise.all(
    [import('@bufbuild/protobuf'), import('@bufbuild/protobuf/wkt')],
  );
  const files =
    source.kind === 'text'
      ? create(FileDescriptorSetSchema, await fromProto(source.content))
      : fromBinary(
          FileDescriptorSetSchema,
          Uint8Array.from(atob(source.content), char => char.charCodeAt(0)),
        );
  const registry = createFileRegistry(files);
  const types = messagesOf(registry).map(({ typeName }) => typeName);
  if (types.length === 0) throw new Error('There is no message in it.');
  return {
    types,
    decode(type, bytes) {
      const schema = registry.getMessage(type);
      if (!schema) throw new Error(`There is no message ${type} in the descriptor.`);
      const message = fromBinary(schema, bytes);
      const json = toJson(schema, message, { registry, useProtoFieldName: true });
      const unknown = message.$unknown ?? [];
      if (unknown.length === 0 || typeof json !== 'object' || json === null || Array.isArray(json))
        return json;
      const rest = unknown.map(({ no, data }) => [`field ${no}`, `hex ${Array.from(data, hex).join('')}`]);
      return { ...json, ...Object.fromEntries(rest) };
    },
  };
}

/** Those of people before Google's own, which they import. */
function messagesOf(registry: FileRegistry): DescMessage[] {
  const all = [...registry].filter((one): one is DescMessage => one.kind === 'message');
  return all
    .filter(({ typeName }) => !typeName.startsWith('google.protobuf.'))
    .sort((a, b) => depthOf(a) - depthOf(b));
}

function depthOf(message: DescMessage): number {
  return message.parent ? depthOf(message.parent) + 1 : 0;
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
