import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Of Node-RED's user folder: the flows. */
export const FLOW_FILE = 'flows.json';

/** Whether there are flows other than the ones a new user folder begins with. */
export async function wereDeployed(userDir: string, pack: string): Promise<boolean> {
  const flows = await readFile(join(userDir, FLOW_FILE), 'utf8').catch(() => undefined);
  return flows !== undefined && flows !== (await exampleFlows(pack));
}

/** Begins a new user folder with the examples of the pack, each on a tab of its own. */
export async function seedFlows(userDir: string, pack: string): Promise<void> {
  await mkdir(userDir, { recursive: true, mode: 0o700 });
  const text = await exampleFlows(pack);
  await writeFile(join(userDir, FLOW_FILE), text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

async function exampleFlows(pack: string): Promise<string> {
  const folder = join(pack, 'examples');
  const files = (await readdir(folder)).filter(file => file.endsWith('.json')).sort();
  const texts = await Promise.all(files.map(file => readFile(join(folder, file), 'utf8')));
  const nodes = texts.flatMap(text => JSON.parse(text) as { id: string }[]);
  return JSON.stringify([...new Map(nodes.map(node => [node.id, node])).values()], null, 4);
}
