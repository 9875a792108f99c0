import { type Decision, DeliveryState } from '@attune/contracts/messages/log/v1/log';
import type { TenantId } from '@attune/event-log/port';
import { AttuneError, codeOf, errorTable } from '@attune/kernel/errors';
import { partitionOf } from '@attune/kernel/hash';
import type { Ledger } from '../domain/ledger.ts';
import { DELIVERIES_TOPIC } from './deliveries-state.ts';
import type { DeliveryPorts } from './delivery-ports.ts';
import { type Note, noteDelivery } from './note-delivery.ts';

/** Whose send is claimed. */
export interface ClaimOf {
  readonly tenant: TenantId;
  readonly decision: Decision;
  readonly channel: string;
}

/** Who may call the provider: this attempt; nobody, because of a cap; or somebody else was about to, and nobody knows how far it came. `done`: it has an outcome. */
export type Claim =
  | { readonly kind: 'won'; readonly attempt: string }
  | { readonly kind: 'capped' }
  | { readonly kind: 'orphaned'; readonly attempt: string }
  | { readonly kind: 'done' };

/** Claims sends in the log. A claim of this process that was not yet used survives a pause. */
export class Claims {
  readonly #ports: Pick<DeliveryPorts, 'log' | 'clock' | 'ring' | 'ledgers' | 'newAttempt' | 'telemetry'>;
  /** By decision: attempts of this process whose provider was surely not called yet. */
  readonly #unused = new Map<string, string>();
  /** By decision: what this process knows of a send and the log does not yet. */
  readonly #unnoted = new Map<string, Note>();

  constructor(ports: Pick<DeliveryPorts, 'log' | 'clock' | 'ring' | 'ledgers' | 'newAttempt' | 'telemetry'>) {
    this.#ports = ports;
  }

  /** The attempt of this process that was not used yet; empty where there is none. */
  unusedOf({ id }: Decision): string {
    return this.#unused.get(id) ?? '';
  }

  /** How a claim that stood before this try ended, by all that the log holds; undefined where the send is free to be claimed. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE */
  async before(of: ClaimOf, { entries }: Ledger): Promise<Claim | undefined> {
    const entry = entries.get(of.decision.id);
    if (entry?.state === 'refused') return { kind: 'capped' };
    if (entry?.state !== 'claimed' || entry.attempt === this.unusedOf(of.decision)) return undefined;
    return this.#atTheEnd(of);
  }

  /**
   * Appends the intent and tells whose claim stands, by all that stands before it in the log; `appended` runs as soon as it is there, while that is judged. Once `won` was
   * answered, the attempt counts as used. @throws AttuneError LOG_UNAVAILABLE, STORE_UNAVAILABLE
   */
  async claim(of: ClaimOf, appended: () => void = () => {}): Promise<Claim> {
    const attempt = this.#unused.get(of.decision.id) ?? this.#ports.newAttempt();
    this.#unused.set(of.decision.id, attempt);
    const intent = await noteDelivery(this.#ports, { ...of, state: DeliveryState.DELIVERY_STATE_INTENT, attempt });
    appended();
    const claim = this.#standing(of.decision, folded(await this.#ports.ledgers.readWith(intent)));
    return claim.kind === 'orphaned' ? this.#atTheEnd(of) : claim;
  }

  /** Does a last work before the provider is called. Where it throws, the attempt counts as unused again. @throws what `work` throws */
  async beforeUse<T>({ decision }: ClaimOf, { attempt }: { readonly attempt: string }, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (fault) {
      this.#unused.set(decision.id, attempt);
      throw fault;
    }
  }

  /** Notes what came of a send. Where the log is away, `noteLate` makes up for it: nobody else knows. @throws AttuneError LOG_UNAVAILABLE */
  async noteOutcome(note: Note): Promise<void> {
    this.#unnoted.set(note.decision.id, note);
    try {
      await noteDelivery(this.#ports, note);
      this.#unnoted.delete(note.decision.id);
    } catch (fault) {
      if (!errorTable[codeOf(fault)].retriable) this.#unnoted.delete(note.decision.id);
      throw fault;
    }
  }

  /** Notes what came of an earlier send of this process, if the log has not heard of it. True where that was so. @throws AttuneError LOG_UNAVAILABLE */
  async noteLate({ id }: Decision): Promise<boolean> {
    const note = this.#unnoted.get(id);
    if (note !== undefined) await this.noteOutcome(note);
    return note !== undefined;
  }

  /** The other one may have noted its outcome behind what is folded: what stands at the end of the log counts. */
  async #atTheEnd(of: ClaimOf): Promise<Claim> {
    const { log } = this.#ports;
    const { partitions } = await log.identity(DELIVERIES_TOPIC);
    const { endOffset } = await log.bounds(DELIVERIES_TOPIC, partitionOf(of.decision.profileId, partitions));
    return this.#standing(of.decision, folded(await this.#ports.ledgers.readUpTo(of.tenant, of.decision.profileId, endOffset)));
  }

  #standing(decision: Decision, { entries }: Ledger): Claim {
    const entry = entries.get(decision.id);
    const own = this.unusedOf(decision);
    this.#unused.delete(decision.id); // a claim of another stands before it, or it is used now
    if (entry?.state === 'claimed' && entry.attempt !== own) return { kind: 'orphaned', attempt: entry.attempt };
    if (entry?.state === 'claimed') return { kind: 'won', attempt: own };
    return { kind: entry?.state === 'refused' ? 'capped' : 'done' };
  }
}

function folded(ledger: Ledger | undefined): Ledger {
  if (ledger === undefined) throw new AttuneError('STORE_UNAVAILABLE', 'The ledger does not fold.');
  return ledger;
}
