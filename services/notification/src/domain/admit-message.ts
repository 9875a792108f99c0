import { address } from './rules/address.ts';
import { capped } from './rules/capped.ts';
import { consent } from './rules/consent.ts';
import { expired } from './rules/expired.ts';
import { joined } from './rules/joined.ts';
import { paused } from './rules/paused.ts';
import { quietHours } from './rules/quiet-hours.ts';
import type { Asked, Objection, Rule } from './rules/rule.ts';
import { stopped } from './rules/stopped.ts';
import { suppressed } from './rules/suppressed.ts';

/** Whether a message may leave now. */
export type Admission = { readonly kind: 'send' } | Objection;

/** Every reason not to send; the order is the priority, consent first. */
const rules: readonly Rule[] = [consent, expired, stopped, address, joined, suppressed, paused, capped, quietHours];

/** The first objection of a rule, or leave to send. Messages of service pass caps, pauses, quiet hours and the red button, and nothing else. */
export function admitMessage(asked: Asked): Admission {
  for (const rule of rules) {
    const objection = rule(asked);
    if (objection) return objection;
  }
  return { kind: 'send' };
}
