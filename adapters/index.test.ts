import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { registry } from './index.ts';
import { standIns } from './stand-ins.ts';

const folders = readdirSync(new URL('.', import.meta.url), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);
const hasStandIn = (name: string): boolean =>
  existsSync(new URL(`${name}/stand-in.ts`, import.meta.url));

describe('the registry', () => {
  it('has one line for each folder', () => {
    expect(registry.map((adapter) => adapter.name).toSorted()).toEqual(folders.toSorted());
  });

  it('has a stand-in for each folder with one, and one for each vendor that we write to', () => {
    expect(standIns.map((standIn) => standIn.name).toSorted()).toEqual(
      folders.filter(hasStandIn).toSorted(),
    );
    const targets = registry
      .filter((adapter) => adapter.config !== undefined)
      .map((adapter) => adapter.name);
    expect(targets.filter((name) => !hasStandIn(name))).toEqual([]);
  });
});
