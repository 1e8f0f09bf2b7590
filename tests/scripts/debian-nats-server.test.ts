import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findNatsServer } from '../../runtime/nats/server/find.ts';
import { onPath, run } from '../../runtime/processes/command.ts';
import { fakeServer } from '../runtime/nats/server/helpers.ts';
import { likeliestFirst, parseSources } from '../support/debian/apt-sources.ts';
import { fetchDebianPackage } from '../support/debian/nats-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const hasApt = (await onPath('apt-get', process.env)).length > 0;
// The reason is part of the name, so that it is read wherever the skip is counted.
const aptTest = hasApt ? test : test.skip;
const why = hasApt ? '' : ' (skipped: this machine has no apt-get)';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

test('apt sources - the main archive is told from security, backports and third parties', () => {
  const text = `# comment
deb-src http://deb.example/debian trixie main
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example/apt trixie main
deb [signed-by=${KEYRING}] http://security.example/debian-security trixie-security main
deb [signed-by=${KEYRING}] http://deb.example/debian trixie-security main
deb [signed-by=${KEYRING}] http://deb.example/mirror trixie main contrib # the real one
deb http://other.example/debian/ trixie main
deb https://docker.example/linux/debian trixie stable
`;
  expect(likeliestFirst(parseSources('/etc/apt/sources.list', text))).toEqual([
    { uri: 'http://deb.example/mirror', signedBy: KEYRING },
    { uri: 'http://other.example/debian/', signedBy: undefined },
  ]);
});

test('apt sources - stanzas: several addresses, embedded keys, disabled ones', () => {
  const text = `Types: deb deb-src
URIs: http://one.example/debian http://two.example/debian
# in between
Suites: trixie trixie-updates
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc

Enabled: no
Types: deb
URIs: http://three.example/debian
Suites: trixie
Components: main
`;
  const signedBy = '\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc';
  expect(likeliestFirst(parseSources('/x/debian.sources', text))).toEqual([
    { uri: 'http://one.example/debian', signedBy },
    { uri: 'http://two.example/debian', signedBy },
  ]);
  expect(parseSources('/x/debian.sources.disabled', text)).toEqual([]);
});

aptTest(
  `Debian package - a new enough nats-server comes out of the machine's own archive${why}`,
  async () => {
    // Kept between runs: fetching it costs Debian's mirrors and us a few seconds.
    const cacheDir = join(tmpdir(), 'kvflow-test-cache', 'debian');
    const commands = { PATH: process.env.PATH, HOME: process.env.HOME };
    const found =
      (await readdir(cacheDir).catch(() => [])).length > 0
        ? await findNatsServer({ env: { HOME: process.env.HOME }, cacheDir, extraDirs: [] })
        : await fetchDebianPackage({ env: commands, cacheDir, onProgress: () => {} });
    expect(found.path).toBe(join(cacheDir, `nats-server-${found.version}`, 'nats-server'));
    expect(await run(found.path, ['--version'], { env: {} })).toMatchObject({
      stdout: expect.stringMatching(found.version),
    });
    expect(await readdir(cacheDir)).toEqual([`nats-server-${found.version}`]);
  },
  200_000,
);

aptTest(
  `Debian package - an archive without a signature is refused, whatever the machine's settings allow${why}`,
  async () => {
    await using dir = await tempDir();
    const archive = await unsignedArchive(join(dir.path, 'debian'));
    const conf = join(dir.path, 'apt.conf');
    await writeFile(join(dir.path, 'sources.list'), `deb [trusted=yes] file:${archive} forky main\n`);
    await writeFile(
      conf,
      `Dir::Etc::sourcelist "${dir.path}/sources.list"; Dir::Etc::sourceparts "/nowhere"; Acquire::AllowInsecureRepositories "true";`,
    );
    const env = { PATH: process.env.PATH, APT_CONFIG: conf };
    const cacheDir = join(dir.path, 'cache');
    const fetched = fetchDebianPackage({ env, cacheDir, onProgress: () => {} });
    await expect(fetched).rejects.toThrow(/forky: apt-get failed .*is not signed/s);
    expect(await readdir(cacheDir)).toEqual([]);
  },
);

/** A Debian archive with a package nats-server 9.9.9 in suite forky, complete but for the signature. */
async function unsignedArchive(root: string): Promise<string> {
  const env = { PATH: process.env.PATH };
  const { stdout } = await run('dpkg', ['--print-architecture'], { env });
  const arch = stdout.trim();
  const lists = join(root, 'dists', 'forky', 'main', `binary-${arch}`);
  await mkdir(lists, { recursive: true });
  await fakeServer(join(root, 'package', 'usr', 'sbin', 'nats-server'), '9.9.9');
  const control = `Package: nats-server\nVersion: 9.9.9\nArchitecture: ${arch}\nMaintainer: nobody <nobody@example.invalid>\nDescription: none\n`;
  await write(join(root, 'package', 'DEBIAN', 'control'), control);
  await run('dpkg-deb', ['-b', 'package', 'nats-server.deb'], { env, cwd: root });
  const deb = await sum(join(root, 'nats-server.deb'));
  const packages = `${control}Filename: nats-server.deb\nSize: ${deb.size}\nSHA256: ${deb.sha256}\n`;
  await write(join(lists, 'Packages'), packages);
  const index = await sum(join(lists, 'Packages'));
  const release = `Suite: forky\nCodename: forky\nComponents: main\nArchitectures: ${arch}\nDate: ${new Date().toUTCString()}\nSHA256:\n ${index.sha256} ${index.size} main/binary-${arch}/Packages\n`;
  await write(join(root, 'dists', 'forky', 'Release'), release);
  return root;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}

async function sum(path: string): Promise<{ size: number; sha256: string }> {
  const content = await readFile(path);
  return { size: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}
