import type { Recommender, Seen } from './recommender.ts';
import type { ScoreSheet } from './score-sheet.ts';
import type { SessionIndex } from './session-index.ts';

/** How many sessions speak. */
export interface VmisOptions {
  /** Of the sessions that share an item with the open one so many are looked at, the newest. */
  readonly sessionsMax: number;
  /** And of these so many speak, the most alike; of equals the newest. */
  readonly neighbours: number;
}

/** So many of the open session's last places count. */
const LAST = 10;
/** By set of shared places (a bit each, the oldest lowest): the sum of their weights, and how much its newest place lets the session say, in tenths. */
const WEIGHTS = Uint8Array.from({ length: 1 << LAST }, (_, places) => weightOf(places));

/**
 * VMIS-kNN (Kersbergen, Sprangers, Schelter: Serenade, SIGMOD 2022) with the numbers of its reference: place p of the last L of 10 weighs p / L, a session is as alike as
 * the sum over its shared places, it says 1 - s / 10 of that for its last shared item s places from the end (the last place is 1), and times how rare an item is. All but
 * the last factor are added up as whole numbers, so neither order nor rounding decides a tie. An item that came again counts at its last place.
 *
 * An answer takes the places times `sessionsMax` to merge the newest sessions, and the items of the neighbours. It works in room of its own: one answer at a time.
 */
export class VmisKnn implements Recommender {
  readonly #index: SessionIndex;
  readonly #options: VmisOptions;
  readonly #counts = new Uint32Array(256);
  #known: Candidates;
  #next: Candidates;

  constructor(index: SessionIndex, options: VmisOptions) {
    this.#index = index;
    this.#options = options;
    [this.#known, this.#next] = [candidates(options.sessionsMax), candidates(options.sessionsMax)];
  }

  score({ items }: Seen, sheet: ScoreSheet): void {
    const last = Math.min(LAST, items.length);
    this.#known.count = 0;
    for (let place = last - 1; place >= 0; place--) {
      const item = items[items.length - last + place] ?? 0;
      if (item < this.#index.itemCount && !comesAgain(items, items.length - last + place)) this.#merge(item, 1 << place);
    }
    this.#speak(last, sheet);
    const { idf } = this.#index;
    const { values, touched } = sheet;
    for (let at = 0; at < touched.length; at++) {
      const item = touched[at] as number;
      values[item] = ((values[item] as number) * (idf[item] as number)) / (10 * last);
    }
  }

  /** Takes in the sessions of one place. Both lists are sorted newest first and so is what they become, cut to the newest. */
  #merge(item: number, bit: number): void {
    const { sessions, itemStarts } = this.#index;
    const { sessions: knownSessions, places: knownPlaces, count } = this.#known;
    const { sessions: nextSessions, places: nextPlaces } = this.#next;
    const end = itemStarts[item + 1] as number;
    const max = this.#options.sessionsMax;
    let [at, known, next] = [itemStarts[item] as number, 0, 0];
    while (next < max && known < count && at < end) {
      const [a, b] = [knownSessions[known] as number, sessions[at] as number];
      const [isKnown, isMore] = [a <= b, b <= a];
      nextSessions[next] = isKnown ? a : b;
      nextPlaces[next++] = (isKnown ? (knownPlaces[known] as number) : 0) | (isMore ? bit : 0);
      if (isKnown) known++;
      if (isMore) at++;
    }
    for (; next < max && known < count; known++, next++) {
      nextSessions[next] = knownSessions[known] as number;
      nextPlaces[next] = knownPlaces[known] as number;
    }
    for (; next < max && at < end; at++, next++) {
      nextSessions[next] = sessions[at] as number;
      nextPlaces[next] = bit;
    }
    this.#next.count = next;
    [this.#known, this.#next] = [this.#next, this.#known];
  }

  /** Lets the most alike sessions add to their items. */
  #speak(last: number, sheet: ScoreSheet): void {
    const { starts, items } = this.#index;
    const { sessions, places, count } = this.#known;
    let { floor, ofFloor } = this.#floor();
    for (let at = 0; at < count; at++) {
      const shared = places[at] as number;
      const weight = WEIGHTS[shared] as number;
      if (weight < floor || (weight === floor && ofFloor-- <= 0)) continue;
      const amount = weight * (10 - last + 31 - Math.clz32(shared));
      if (amount === 0) continue;
      const session = sessions[at] as number;
      const end = starts[session + 1] as number;
      for (let item = starts[session] as number; item < end; item++) sheet.add(items[item] as number, amount);
    }
  }

  /** The least weight that finds a place among the neighbours, and how many of that weight do. */
  #floor(): { floor: number; ofFloor: number } {
    const { places, count } = this.#known;
    const counts = this.#counts.fill(0);
    for (let at = 0; at < count; at++) {
      const weight = WEIGHTS[places[at] as number] as number;
      counts[weight] = (counts[weight] as number) + 1;
    }
    let [floor, room] = [counts.length - 1, this.#options.neighbours];
    while (floor > 0 && (counts[floor] as number) < room) room -= counts[floor--] as number;
    return { floor, ofFloor: room };
  }
}

/** Sessions newest first, and which places each shares. */
interface Candidates {
  readonly sessions: Uint32Array;
  readonly places: Uint16Array;
  count: number;
}

const candidates = (max: number): Candidates => ({ sessions: new Uint32Array(max), places: new Uint16Array(max), count: 0 });

function comesAgain(items: ArrayLike<number>, place: number): boolean {
  for (let later = place + 1; later < items.length; later++) if (items[later] === items[place]) return true;
  return false;
}

function weightOf(places: number): number {
  let sum = 0;
  for (let place = 0; place < LAST; place++) if ((places & (1 << place)) !== 0) sum += place + 1;
  return sum;
}
