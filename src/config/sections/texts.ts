/** Texts: the user's wording in place of the built-in one. */
import { z } from 'zod';
import type { Texts } from '../../core/model/policy.ts';
import { BUILT_IN_TEXTS, PUBLIC_NAMES, TEXT_NAMES, variablesOf } from '../../core/texts/text.ts';
import { type Compiling, isKnown, type Item } from '../context.ts';
import { suggestion } from '../shape-problems.ts';
import { below, keyOf, type Spot } from '../yaml-file.ts';

export const textsShape = z.record(z.string(), z.string()).meta({
  description:
    'Your wording instead of the built-in one: text name -> template with `{{name}}`; empty means built-in.',
  shape: 'texts',
});

/** Reports the placeholders of a template that nothing is put into. */
export function checkTemplate(
  compiling: Compiling,
  template: string,
  at: { readonly spot: Spot; readonly names: readonly string[] },
): void {
  for (const name of new Set(variablesOf(template))) {
    if (at.names.includes(name)) continue;
    const isInternal = (TEXT_NAMES as readonly string[]).includes(name);
    const what = isInternal
      ? `{{${name}}} is internal and cannot stand in a public text`
      : `there is no {{${name}}}`;
    const offset = Math.max(
      0,
      template.search(new RegExp(`\\{\\{\\s*${name.replaceAll(/[^\w]/g, '\\$&')}\\s*\\}\\}`)),
    );
    compiling.report.error({ ...at.spot, offset }, what, suggestion(name, at.names, 'Known here'));
  }
}

/** The user's wording where it is not the built-in one. */
export function buildTexts(
  compiling: Compiling,
  [item]: readonly Item<z.output<typeof textsShape>>[],
): Texts {
  const known = Object.keys(BUILT_IN_TEXTS);
  const own = Object.entries(item?.value ?? {}).filter(([name, template]) => {
    if (item === undefined) return false;
    const spot = below(item.spot, name);
    const isPublic = name.startsWith('public.');
    checkTemplate(compiling, template, { spot, names: isPublic ? PUBLIC_NAMES : TEXT_NAMES });
    return isKnown(compiling.report, { name, spot: keyOf(spot) }, { kind: 'text', names: known });
  });
  return Object.fromEntries(own);
}
