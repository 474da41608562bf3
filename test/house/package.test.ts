/** What installs, ships and starts Tocsin: the lock, the launcher, the image, and no trace of the machine it was made on. */
import { registry } from '../../adapters/index.ts';
import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exists, filesBelow, foldersIn, read, root } from './project.ts';

interface LockEntry {
  readonly version?: string;
  readonly optionalDependencies?: Record<string, string>;
  readonly hasInstallScript?: boolean;
  readonly gypfile?: boolean;
  readonly integrity?: string;
  readonly resolved?: string;
}

const manifest = JSON.parse(read('package.json')) as {
  scripts: Record<string, string>;
  bin: Record<string, string>;
  allowScripts: Record<string, boolean>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, LockEntry> };
const entries = Object.entries(lock.packages).filter(([path]) => path !== '');

function nameOf(path: string): string {
  return path.split('node_modules/').at(-1) ?? '';
}

describe('the lock', () => {
  test('knows the build of every platform, so that npm 11 and 12 accept it on all of them', () => {
    const known = new Set(entries.map(([path]) => nameOf(path)));
    const missing = entries.flatMap(([path, entry]) =>
      Object.keys(entry.optionalDependencies ?? {})
        .filter((name) => !known.has(name))
        .map((name) => `${path} wants ${name}`),
    );
    expect(missing).toEqual([]);
  });

  test('vouches for the content of every package', () => {
    expect(
      entries.filter(([, entry]) => entry.integrity === undefined).map(([path]) => path),
    ).toEqual([]);
  });

  test('sends nobody to a private registry', () => {
    const elsewhere = entries.filter(
      ([, { resolved }]) =>
        resolved !== undefined && !resolved.startsWith('https://registry.npmjs.org/'),
    );
    expect(elsewhere).toEqual([]);
  });

  test('keeps npm 10 from compiling SQLite: "npm run relock" writes the mark that "npm install" drops', () => {
    expect(lock.packages['node_modules/better-sqlite3']?.gypfile).toBe(false);
  });

  test('runs the install scripts that package.json allows and no other', () => {
    const scripted = entries
      .filter(([, entry]) => entry.hasInstallScript === true && !isForeign(entry))
      .map(([path]) => nameOf(path));
    const allowed = Object.entries(manifest.allowScripts)
      .filter(([, allow]) => allow)
      .map(([name]) => name);
    expect(scripted.toSorted()).toEqual(allowed.toSorted());
  });

  test('pins every direct dependency to one version', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });
});

/** Installed on another system than this one, e.g. file watchers of macOS. */
function isForeign(entry: LockEntry): boolean {
  const { os } = entry as { os?: readonly string[] };
  return os !== undefined && !os.includes('linux');
}

describe('the launcher', () => {
  const launcher = manifest.bin['tocsin'] ?? '';

  test('is an executable that finds Node on the path', () => {
    expect(read(launcher)).toMatch(/^#!\/usr\/bin\/env node\n/);
    expect(() => accessSync(join(root, launcher), constants.X_OK)).not.toThrow();
  });
});

describe('the image', () => {
  const copies = read('Dockerfile')
    .split('\n')
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) =>
      line
        .split(/\s+/)
        .slice(1, -1)
        .filter((word) => !word.startsWith('--')),
    );

  test('copies only what exists', () => {
    expect(copies).toEqual(expect.arrayContaining(['src', 'adapters', 'config', 'bin']));
    expect(copies.flatMap(expand).filter((path) => !exists(path))).toEqual([]);
  });

  test('copies nothing that .dockerignore hides', () => {
    const hidden = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(copies.flatMap(expand).filter((path) => hidden.includes(path))).toEqual([]);
  });

  test('runs as a user without rights and tells whether it lives', () => {
    const text = read('Dockerfile');
    expect(text).toMatch(/^USER (?!root|0)/m);
    expect(text).toMatch(/^HEALTHCHECK [\s\S]*\/livez/m);
  });

  test('listens where a published port leads, and has a first process that hands signals on', () => {
    const text = read('Dockerfile');
    expect(text).toMatch(/^ +TOCSIN_LISTEN=0\.0\.0\.0:8080$/m);
    expect(text).toMatch(/^EXPOSE 8080$/m);
    expect(text).toMatch(/^ENTRYPOINT \["tini", "--", "node", "bin\/tocsin\.js"\]$/m);
  });
});

/** `package*.json` in a COPY. */
function expand(pattern: string): readonly string[] {
  if (!pattern.includes('*')) return [pattern];
  const [before = '', after = ''] = pattern.split('*');
  return ['package.json', 'package-lock.json'].filter(
    (name) => name.startsWith(before) && name.endsWith(after),
  );
}

describe('adapters/', () => {
  const vendors = foldersIn('adapters');

  /** An adapter that only receives has nothing to be played. */
  const played = registry.filter((adapter) => adapter.config !== undefined).map(({ name }) => name);

  test.each(vendors)(
    '%s is complete: adapter, test, fixtures, and a stand-in if it is called',
    (vendor) => {
      const standIn = played.includes(vendor) ? ['stand-in.ts'] : [];
      const parts = [`${vendor}.ts`, `${vendor}.test.ts`, 'fixtures', ...standIn];
      expect(parts.filter((part) => !exists(join('adapters', vendor, part)))).toEqual([]);
    },
  );

  test.each([
    ['adapters/index.ts', vendors, (vendor: string) => `./${vendor}/${vendor}.ts`],
    ['adapters/stand-ins.ts', played, (vendor: string) => `./${vendor}/stand-in.ts`],
  ])('%s has one line for every vendor it is about', (list, wanted, lineOf) => {
    const imported = [...read(list).matchAll(/from '(\.\/[^']+)'/g)].map((match) => match[1] ?? '');
    expect(imported.toSorted()).toEqual(wanted.map(lineOf).toSorted());
    expect(vendors.length).toBeGreaterThan(5);
  });
});

test('nothing tells of the machine it was written on', () => {
  const home = homedir() === '/root' ? [] : [`${homedir()}/`];
  const words = [`${root}/`, ...home].filter((word) => word.length > 4);
  const files = filesBelow('.').filter((path) => !/\.(png|ico|db|db-wal|db-shm)$/.test(path));
  const found = files.flatMap((path) => {
    const text = read(path);
    return words.filter((word) => text.includes(word)).map((word) => `${path}: ${word}`);
  });
  expect(files.length).toBeGreaterThan(100);
  expect(found).toEqual([]);
});
