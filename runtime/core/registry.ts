import { PackError } from '../../contract/errors.ts';
import { callCounter } from './call-cost.ts';
import type { FunctionDefinition } from './define-function.ts';
import type { Manifest, ManifestFunction } from './manifest.ts';
import type { Named, NamedProperty } from './named-in-schema.ts';
import { namedProperties, namesIn } from './named-in-schema.ts';
import type { Validator } from './validate.ts';
import { createCompiler } from './validate.ts';

/** A function ready to be called: its entry in the manifest, its code, its compiled schemas. */
export interface RegisteredFunction {
  readonly spec: ManifestFunction;
  readonly definition: FunctionDefinition<never, unknown>;
  readonly validateInput: Validator;
  readonly validateOutput: Validator;
  /** What an input names that a right is needed for. */
  names(input: unknown): Named[];
  /** How many calls an input is to a rate limit. */
  calls(input: unknown): number;
}

/** All functions by name. */
export interface Registry {
  readonly version: string;
  /** Throws FUNCTION_NOT_FOUND. */
  get(name: string): RegisteredFunction;
  /** Undefined where there is no such function. */
  find(name: string): RegisteredFunction | undefined;
  list(): ManifestFunction[];
  /** How many calls an input of the function is to a rate limit; 1 where there is no such function. */
  calls(name: string, input: unknown): number;
}

/**
 * Joins the manifest with the code. A schema compiles on its first use, in a few milliseconds: all of them at once take a
 * quarter of a server's start, and most processes call few functions. A test compiles each.
 */
export function createRegistry(
  manifest: Manifest,
  definitions: Record<string, FunctionDefinition<never, unknown>>,
): Registry {
  const compile = createCompiler();
  const byName = new Map<string, RegisteredFunction>();
  for (const spec of manifest.functions) {
    const definition = definitions[spec.name];
    if (!definition) throw new Error(`functions/${spec.name}.ts is missing; run: npm run generate`);
    byName.set(spec.name, {
      spec,
      definition,
      validateInput: lazily(() => compile(spec.input)),
      validateOutput: lazily(() => compile(spec.output)),
      names: namesOf(spec),
      calls: callCounter(spec.input),
    });
  }
  return {
    version: manifest.version,
    get: name => byName.get(name) ?? notFound(name, [...byName.keys()]),
    find: name => byName.get(name),
    list: () => manifest.functions,
    calls: (name, input) => byName.get(name)?.calls(input) ?? 1,
  };
}

function namesOf({ input: schema }: ManifestFunction): RegisteredFunction['names'] {
  let properties: readonly NamedProperty[] | undefined;
  return input => {
    properties ??= namedProperties(schema);
    return namesIn(properties, input);
  };
}

function lazily(make: () => Validator): Validator {
  let validator: Validator | undefined;
  return value => {
    validator ??= make();
    return validator(value);
  };
}

function notFound(name: string, known: string[]): never {
  throw new PackError(
    'FUNCTION_NOT_FOUND',
    `There is no function "${name}". GET /functions lists all of them.`,
    {
      details: { functions: known },
    },
  );
}
