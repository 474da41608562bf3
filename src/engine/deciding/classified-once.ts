/** What an alert means by one policy is asked several times on its way to a decision, and worked out once. */
import type { Alert } from '../../core/model/alert.ts';
import type { Policy } from '../../core/model/policy.ts';
import type { Classified } from '../../core/routing/route.ts';
import type { Core } from './core.ts';

interface Known {
  readonly source: string;
  readonly policy: Policy;
  readonly classified: Classified;
}

/** The same core; of an alert that it has classified it remembers the answer for as long as the alert is held by anybody. */
export function classifiedOnce<C extends Pick<Core, 'classify'>>(core: C): C {
  const answers = new WeakMap<Alert, Known>();
  return {
    ...core,
    classify: (alert: Alert, source: string, policy: Policy): Classified => {
      const known = answers.get(alert);
      if (known?.policy === policy && known.source === source) return known.classified;
      const classified = core.classify(alert, source, policy);
      answers.set(alert, { source, policy, classified });
      return classified;
    },
  };
}
