#!/usr/bin/env node
/**
 * The launcher: plain JavaScript, so that an old Node can read it and say what is missing, and so that the compile
 * cache is on before the first module of ours is loaded. Everything else is `src/main.ts`.
 */
import module from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `tocsin: Node ${process.versions.node} cannot run TypeScript; Tocsin needs 22.18 or newer.\n` +
      'Start it with npm, which uses the Node that "npm ci" installed beside it: npx tocsin ... or npm run tocsin -- ...\n',
  );
  process.exit(1);
}

// NODE_COMPILE_CACHE, where set, has switched it on already and names the folder.
module.enableCompileCache();
await import('../src/main.ts');
