/** What the last stage of a Dockerfile makes of an image, as far as it can be done without an engine for containers. */
export interface ImagePlan {
  /** What is copied from the checkout that was built: its path there, and its path in the image. */
  copied: [from: string, to: string][];
  env: Record<string, string>;
  /** The entry point and its arguments. */
  command: string[];
  workdir: string;
}

/** Reads what {@link ImagePlan} has of the text of a Dockerfile whose last stage copies from one named `build`. */
export function imagePlan(dockerfile: string): ImagePlan {
  const lines = dockerfile.replaceAll(/\\\n\s*/g, '').split('\n');
  const last = lines.slice(lines.findLastIndex(line => line.startsWith('FROM ')));
  const of = (word: string) =>
    last.filter(line => line.startsWith(`${word} `)).map(line => line.slice(word.length + 1));
  const workdir = of('WORKDIR')[0] ?? '/';
  return {
    copied: of('COPY').flatMap(line => copiedBy(line, workdir)),
    env: Object.fromEntries(of('ENV').flatMap(line => line.split(/\s+/).map(pairOf))),
    command: [...of('ENTRYPOINT'), ...of('CMD')].flatMap(line => JSON.parse(line) as string[]),
    workdir,
  };
}

/** `--from=build /src/a /src/b ./` or `--from=build /src/bin bin`. */
function copiedBy(line: string, workdir: string): [string, string][] {
  const [stage, ...paths] = line.split(/\s+/);
  if (stage !== '--from=build') return [];
  const target = paths.pop() ?? '.';
  const at = (name: string) => `${workdir}/${target.replace(/^\.\/?/, '')}${name}`.replace(/\/+/g, '/');
  return paths.map(path => [
    path.replace(/^\/src\//, ''),
    target.endsWith('/') ? at(path.split('/').at(-1) ?? '') : at(''),
  ]);
}

function pairOf(text: string): [string, string] {
  const [name = '', value = ''] = text.split('=', 2);
  return [name, value];
}
