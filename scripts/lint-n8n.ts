/**
 * n8n's own linter over hosts/n8n, or with a folder as argument over what is built and unpacked there, every rule of the preset that
 * "strict" packages must pass; warnings fail as well. Prints the number of files, what was found, and what it finds in a bad file.
 * A process of its own: the linter needs a TypeScript that can be called from JavaScript, which the repository's is not,
 * so `typescript` is taken from beside the linter.
 */
import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [unpacked] = process.argv.slice(2);
const folder = unpacked ?? join(import.meta.dirname, '../hosts/n8n');
const sources = unpacked ? '**/*.js' : '**/*.ts';
const besideLinter = createRequire(
  createRequire(import.meta.url).resolve('@n8n/eslint-plugin-community-nodes'),
);
const typescript = pathToFileURL(besideLinter.resolve('typescript')).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'typescript' ? { url: typescript, shortCircuit: true } : next(specifier, context),
});

const { ESLint } = await import('eslint');
const { configs } = await import('@n8n/eslint-plugin-community-nodes');
const { parseAndGenerateServices } = besideLinter('@typescript-eslint/typescript-estree');
const { analyze } = besideLinter('@typescript-eslint/scope-manager');
const { visitorKeys } = besideLinter('@typescript-eslint/visitor-keys');

const parser = {
  meta: { name: 'typescript-estree', version: '1' },
  parseForESLint(code: string, { filePath }: { filePath: string }) {
    const options = { filePath, range: true, loc: true, tokens: true, comment: true };
    const { ast, services } = parseAndGenerateServices(code, options);
    ast.sourceType = 'module';
    return { ast, services, visitorKeys, scopeManager: analyze(ast, { sourceType: 'module' }) };
  },
};
const eslint = new ESLint({
  cwd: folder,
  overrideConfigFile: true,
  overrideConfig: [
    { ...(configs.recommended as object), files: [sources, 'package.json'], languageOptions: { parser } },
  ] as never,
});
const results = await eslint.lintFiles(
  unpacked ? [sources, 'package.json'] : ['credentials/**/*.ts', 'nodes/**/*.ts', 'package.json'],
);
const findings = results.flatMap(({ filePath, messages }) =>
  messages.map(({ ruleId, message, line }) => `${filePath}:${line} ${ruleId}: ${message}`),
);
const bad = `import { readFile } from 'node:fs';
export class Bad implements INodeType {
  description: INodeTypeDescription = { displayName: 'Bad', name: 'bad' };
  async execute() { try { return await readFile('x'); } catch (error) { throw error; } }
}`;
const [seen] = await eslint.lintText(bad, {
  filePath: join(folder, `nodes/Kvflow/Bad.node.${sources.slice(-2)}`),
});
const canary = seen?.messages.map(({ ruleId }) => ruleId);
console.log(JSON.stringify({ files: results.length, findings, canary }));
