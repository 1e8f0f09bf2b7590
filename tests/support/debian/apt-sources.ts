import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandEnv, run } from '../../../runtime/processes/command.ts';

/** An archive that this machine's apt settings name. */
export interface AptArchive {
  uri: string;
  /** The `Signed-By` field as written: keyring paths, fingerprints or an embedded key. Without one, apt's own keyrings count. */
  signedBy: string | undefined;
}

interface SourceEntry extends AptArchive {
  suites: string[];
  components: string[];
}

/**
 * The archives among this machine's apt sources that look like Debian's main one, likeliest first. Read from the
 * settings themselves, because apt answers from its downloaded lists alone and a container's are usually empty.
 */
export async function debianArchives(env: CommandEnv): Promise<AptArchive[]> {
  const { list, parts } = await sourcePaths(env);
  const names = (await readdir(parts).catch(() => [])).sort();
  const files = [list, ...names.map(name => join(parts, name))];
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')));
  return likeliestFirst(files.flatMap((file, i) => parseSources(file, texts[i] ?? '')));
}

/** The entries of one sources file: of both styles, told apart by the file's name as apt does. */
export function parseSources(file: string, text: string): SourceEntry[] {
  if (file.endsWith('.sources')) return text.split(/\n(?:[ \t]*\n)+/).flatMap(parseStanza);
  return file.endsWith('.list') ? text.split('\n').flatMap(parseLine) : [];
}

/** Debian's main archives among the entries, each address once. */
export function likeliestFirst(entries: readonly SourceEntry[]): AptArchive[] {
  const scored = entries
    .map(entry => ({ entry, score: debianScore(entry) }))
    .filter(({ score }) => score > 0);
  const seen = new Set<string>();
  return scored
    .sort((a, b) => b.score - a.score)
    .filter(({ entry }) => !seen.has(entry.uri) && seen.add(entry.uri))
    .map(({ entry: { uri, signedBy } }) => ({ uri, signedBy }));
}

/** How much an entry looks like Debian's main archive; 0 is not at all. Third-party ones have suites of their own or keys of their own. */
function debianScore({ uri, suites, components, signedBy }: SourceEntry): number {
  const isOther = /security|backports/.test(uri) || suites.every(suite => /security|\//.test(suite));
  if (isOther || !components.includes('main')) return 0;
  const pathScore = /\/debian(\.list)?\/?$/.test(uri) ? 1 : 0;
  return pathScore + (signedBy?.includes('debian-archive') ? 2 : 0);
}

async function sourcePaths(env: CommandEnv): Promise<{ list: string; parts: string }> {
  const query = ['shell', 'LIST', 'Dir::Etc::sourcelist/f', 'PARTS', 'Dir::Etc::sourceparts/d'];
  const { stdout } = await run('apt-config', query, { env });
  const value = (name: string): string => new RegExp(`^${name}='(.*)'$`, 'm').exec(stdout)?.[1] ?? '';
  return { list: value('LIST'), parts: value('PARTS') };
}

function parseLine(line: string): SourceEntry[] {
  const match = /^\s*deb\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)/.exec(line);
  if (match === null) return [];
  const [, options = '', uri = '', suite = '', components = ''] = match;
  const signedBy = /signed-by=(\S+)/i.exec(options)?.[1]?.replaceAll(',', ' ');
  return [{ uri, suites: [suite], components: words(components), signedBy }];
}

function parseStanza(stanza: string): SourceEntry[] {
  const fields = stanzaFields(stanza);
  if (!words(fields.get('types')).includes('deb') || /^(no|false|off|0)$/i.test(fields.get('enabled') ?? ''))
    return [];
  const [suites, components] = [words(fields.get('suites')), words(fields.get('components'))];
  return words(fields.get('uris')).map(uri => ({
    uri,
    suites,
    components,
    signedBy: fields.get('signed-by'),
  }));
}

function stanzaFields(stanza: string): Map<string, string> {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of stanza.split('\n').filter(text => !text.startsWith('#'))) {
    const field = /^([A-Za-z-]+):[ \t]*(.*)$/.exec(line);
    if (field) last = field[1]?.toLowerCase() ?? '';
    if (field) fields.set(last, field[2] ?? '');
    // A folded line belongs to the field above it: that is how a key is embedded.
    else if (last !== '' && /^\s/.test(line)) fields.set(last, `${fields.get(last)}\n${line}`);
  }
  return fields;
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/).filter(word => word !== '');
}
