/** An alert is classified once by one policy, and anew by the next. */
import { expect, test } from 'vitest';
import { alert } from '../../../test/support/engine.ts';
import { policy } from '../../../test/support/policy.ts';
import type { Alert } from '../../core/model/alert.ts';
import type { Policy } from '../../core/model/policy.ts';
import { classify } from '../../core/routing/route.ts';
import { classifiedOnce } from './classified-once.ts';

function counting() {
  const asked: string[] = [];
  const core = classifiedOnce({
    classify: (one: Alert, source: string, by: Policy) => {
      asked.push(`${one.dedupKey} of ${source}`);
      return classify(one, source, by);
    },
  });
  return { core, asked };
}

test('an alert is classified once, however often anybody asks', () => {
  const { core, asked } = counting();
  const one = alert({ dedupKey: 'a' });
  const first = core.classify(one, 'prom', policy());
  expect(first).toEqual(classify(one, 'prom', policy()));
  const by = policy();
  expect(core.classify(one, 'prom', by)).toBe(core.classify(one, 'prom', by));
  expect(asked).toEqual(['a of prom', 'a of prom']);
});

test('another policy, another source and another alert are asked for anew', () => {
  const { core, asked } = counting();
  const [one, by] = [alert({ dedupKey: 'a' }), policy()];
  core.classify(one, 'prom', by);
  core.classify(one, 'pd', by);
  core.classify(one, 'pd', policy());
  core.classify(alert({ dedupKey: 'b' }), 'prom', by);
  expect(asked).toEqual(['a of prom', 'a of pd', 'a of pd', 'b of prom']);
});
