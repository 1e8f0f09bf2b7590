import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { Enum, Field, MapField, NamespaceBase, ReflectionObject, Type } from 'protobufjs';

type FileSet = MessageInitShape<typeof FileDescriptorSetSchema>;
type Message = MessageInitShape<typeof DescriptorProtoSchema>;
type MessageField = NonNullable<Message['field']>[number];

/** Numbers of descriptor.proto's FieldDescriptorProto.Type. */
const TYPES: Record<string, number> = {
  double: 1,
  float: 2,
  int64: 3,
  uint64: 4,
  int32: 5,
  fixed64: 6,
  fixed32: 7,
  bool: 8,
  string: 9,
  bytes: 12,
  uint32: 13,
  sfixed32: 15,
  sfixed64: 16,
  sint32: 17,
  sint64: 18,
};
const [GROUP, MESSAGE, ENUM] = [10, 11, 14];
const [OPTIONAL, REPEATED] = [1, 3];

/**
 * The text of a .proto file as protoc would describe it. It is parsed by protobufjs, whose messages cannot be read here: that
 * makes code out of text, which the page's Content-Security-Policy forbids. Throws where the text or an import is wrong.
 */
export async function fromProto(text: string): Promise<FileSet> {
  const { default: protobufjs } = await import('protobufjs');
  const root = new protobufjs.Root();
  const { imports = [], weakImports = [] } = protobufjs.parse(text, root, { keepCase: true });
  for (const path of [...imports, ...weakImports]) {
    const common = protobufjs.common.get(path);
    if (!common)
      throw new Error(
        `It imports "${path}", which is not in this text: give all of it as one text, or compiled (protoc --include_imports --descriptor_set_out).`,
      );
    root.addJSON(common.nested ?? {});
  }
  root.resolveAll();
  const syntax = /^\s*syntax\s*=\s*["']proto3["']/m.test(text) ? 'proto3' : 'proto2';
  const files = namespacesIn(root, protobufjs).map(space => ({
    name: `${nameOf(space)}.proto`,
    package: nameOf(space),
    syntax,
    ...contentOf(space, protobufjs),
  }));
  // What Google has made is imported by what people make, and never the other way round.
  files.sort((a, b) => Number(isGoogle(b.package)) - Number(isGoogle(a.package)));
  return {
    file: files.map((file, at) => ({ ...file, dependency: files.slice(0, at).map(({ name }) => name) })),
  };
}

type Protobufjs = typeof import('protobufjs');

/** Namespaces that hold messages or enums themselves. */
function namespacesIn(space: NamespaceBase, kinds: Protobufjs): NamespaceBase[] {
  const inner = space.nestedArray.filter(
    (one): one is NamespaceBase => one instanceof kinds.Namespace && !(one instanceof kinds.Type),
  );
  const own = space.nestedArray.some(one => one instanceof kinds.Type || one instanceof kinds.Enum);
  return [...(own ? [space] : []), ...inner.flatMap(one => namespacesIn(one, kinds))];
}

function contentOf(space: NamespaceBase, kinds: Protobufjs) {
  const types = space.nestedArray.filter(one => one instanceof kinds.Type);
  const enums = space.nestedArray.filter(one => one instanceof kinds.Enum);
  return { messageType: types.map(type => toMessage(type, kinds)), enumType: enums.map(toEnum) };
}

function toMessage(type: Type, kinds: Protobufjs): Message {
  const { messageType, enumType } = contentOf(type, kinds);
  const oneofs = type.oneofsArray;
  const maps = type.fieldsArray.filter(field => field instanceof kinds.MapField);
  return {
    name: type.name,
    field: type.fieldsArray.map(field => ({
      ...toField(field, kinds),
      ...(field.partOf && { oneofIndex: oneofs.indexOf(field.partOf) }),
      ...(field.options?.proto3_optional === true && { proto3Optional: true }),
    })),
    oneofDecl: oneofs.map(({ name }) => ({ name })),
    nestedType: [...messageType, ...maps.map(map => toEntry(map, kinds))],
    enumType,
  };
}

function toField(field: Field, kinds: Protobufjs): MessageField {
  const { name, id } = field;
  if (field instanceof kinds.MapField) {
    const typeName = `${field.parent?.fullName}.${entryName(name)}`;
    return { name, number: id, label: REPEATED, type: MESSAGE, typeName };
  }
  return { name, number: id, label: field.repeated ? REPEATED : OPTIONAL, ...typeOf(field, kinds) };
}

function typeOf(field: Field | MapField, kinds: Protobufjs): Pick<MessageField, 'type' | 'typeName'> {
  const { resolvedType, type } = field;
  if (!resolvedType) return { type: TYPES[type] ?? MESSAGE };
  const kind =
    resolvedType instanceof kinds.Enum ? ENUM : 'delimited' in field && field.delimited ? GROUP : MESSAGE;
  return { type: kind, typeName: resolvedType.fullName };
}

/** A map is a list of entries. */
function toEntry(map: MapField, kinds: Protobufjs): Message {
  return {
    name: entryName(map.name),
    options: { mapEntry: true },
    field: [
      { name: 'key', number: 1, label: OPTIONAL, type: TYPES[map.keyType] ?? MESSAGE },
      { name: 'value', number: 2, label: OPTIONAL, ...typeOf(map, kinds) },
    ],
  };
}

function toEnum({ name, values }: Enum) {
  return { name, value: Object.entries(values).map(([value, number]) => ({ name: value, number })) };
}

function entryName(field: string): string {
  const camel = field.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return `${camel}Entry`;
}

function nameOf({ fullName }: ReflectionObject): string {
  return fullName.replace(/^\./, '');
}

function isGoogle(name: string): boolean {
  return name.startsWith('google.protobuf');
}
