import { PackError } from '../../../../contract/errors.ts';
import type { JsonSchema, ManifestFunction } from '../../../core/manifest.ts';
import type { Command } from '../command.ts';
import { didYouMean } from '../did-you-mean.ts';
import { EXIT } from '../exit-codes.ts';
import { firstSentence, programName, shellWord, table } from '../io.ts';

/** `kvflow functions` */
export const functionsCommand: Command = {
  usage: 'functions [name]',
  summary: 'lists the functions, or shows what one takes',
  help: '',
  options: {},
  settings: [],
  run: async ({ args: [name], host, io }) => {
    const { functions } = await host.manifest();
    const lines = name === undefined ? list(functions) : show(find(functions, name), programName(io.env));
    for (const line of lines) io.print(line);
    return EXIT.ok;
  },
};

function list(functions: ManifestFunction[]): string[] {
  return table(functions.map(({ name, description }) => [name, firstSentence(description)]));
}

function find(functions: ManifestFunction[], name: string): ManifestFunction {
  const found = functions.find(fn => fn.name === name);
  if (found) return found;
  const names = functions.map(fn => fn.name);
  throw new PackError(
    'FUNCTION_NOT_FOUND',
    `There is no function "${name}".${didYouMean(name, names)} See: kvflow functions`,
  );
}

function show(fn: ManifestFunction, program: string): string[] {
  const parameters = parameterRows(fn.input);
  const example = fn.examples.find(({ error }) => error === undefined);
  return [
    `${fn.name}: ${fn.title}`,
    fn.description,
    '',
    ...(parameters.length > 0 ? ['Parameters:', ...table(parameters)] : ['It takes no parameters.']),
    ...(example
      ? ['', `Example (${example.title}):`, `  ${exampleLine(program, fn.name, example.input)}`]
      : []),
  ];
}

function parameterRows({ properties = {}, required = [] }: JsonSchema): string[][] {
  return Object.entries(properties as Record<string, JsonSchema>).map(([name, schema]) => [
    `  ${name}`,
    typeOf(schema),
    (required as string[]).includes(name) ? 'required' : defaultOf(schema),
    firstSentence(String(schema.description ?? '')),
  ]);
}

function typeOf({ type, enum: words, items }: JsonSchema): string {
  if (Array.isArray(words)) return words.join('|');
  if (type === 'array') return `${typeOf((items as JsonSchema | undefined) ?? {})}[]`;
  return [type ?? 'any'].flat().join('|');
}

function defaultOf(schema: JsonSchema): string {
  return schema.default === undefined ? '' : `default ${JSON.stringify(schema.default)}`;
}

function exampleLine(program: string, name: string, input: Record<string, unknown>): string {
  const json = Object.keys(input).length > 0 ? ` ${shellWord(JSON.stringify(input))}` : '';
  return `${program} invoke ${name}${json}`;
}
