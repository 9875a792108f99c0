/** What one kind of recommender is, and the numbers that steer it. */
export interface RecommenderKindSpec {
  /** One sentence for the documentation. */
  readonly doc: string;
  /** What it is counted from: without such events it has nothing to learn from. */
  readonly learnsFrom: 'baskets' | 'items' | 'parts';
  /** True: it says nothing where the recommender that is asked for names no `history`. */
  readonly needsHistory?: boolean;
  /** True: it can be counted from sessions of looks instead of baskets (`over: sessions`). */
  readonly overSessions?: boolean;
  /** Its own words of the configuration and what each is where nobody writes it. Durations are in ms. */
  readonly numbers: Readonly<Partial<Record<RecommenderNumber, number>>>;
}

/** A word that steers some kinds of recommenders. */
export type RecommenderNumber =
  | 'half_life'
  | 'sessions_max'
  | 'neighbours'
  | 'place_scale'
  | 'day_scale'
  | 'near_scale'
  | 'due_share'
  | 'usual_gap'
  | 'item_half_life';

/** What a recommender is counted from. */
export type RecommenderSource = 'baskets' | 'sessions';

/** The name of a kind, as the configuration writes it. */
export type RecommenderKind = keyof typeof RECOMMENDER_KINDS;

const DAY_MS = 86_400_000;

/**
 * The kinds of recommenders. A new one is a model in a file of its own, an entry here, and an entry in `services/scoring/src/domain/recommenders/served-kinds.ts`, which
 * says how it is made from an index: the compiler asks for it.
 */
export const RECOMMENDER_KINDS = {
  co_purchase: {
    doc: 'what the customer buys again and again, and what others bought together with that and with the context',
    learnsFrom: 'baskets',
    numbers: {},
  },
  popularity: { doc: 'what many buy, fading by `half_life`', learnsFrom: 'baskets', overSessions: true, numbers: { half_life: 14 * DAY_MS } },
  trending: {
    doc: 'what is bought more of late (`half_life`) than is usual for it',
    learnsFrom: 'baskets',
    overSessions: true,
    numbers: { half_life: 3 * DAY_MS },
  },
  stan: {
    doc: 'what stands in the baskets that are most like the context (STAN)',
    learnsFrom: 'baskets',
    overSessions: true,
    numbers: { sessions_max: 1_000, neighbours: 200, place_scale: 10, day_scale: 60, near_scale: 10 },
  },
  vmis_knn: {
    doc: 'the same, the newest baskets and rare items counting more (VMIS-kNN)',
    learnsFrom: 'baskets',
    overSessions: true,
    numbers: { sessions_max: 1_502, neighbours: 288 },
  },
  repeat_purchase: {
    doc: 'what the customer buys again, less while it is not due yet',
    learnsFrom: 'baskets',
    needsHistory: true,
    numbers: { half_life: 60 * DAY_MS, due_share: 0.6, usual_gap: 30 * DAY_MS },
  },
  content: {
    doc: 'what is described like the history and the context, by words of titles, categories and tags: also items that nobody bought',
    learnsFrom: 'items',
    numbers: { item_half_life: 10 },
  },
  blend: { doc: 'several recommenders as one, by the weights in `of`', learnsFrom: 'parts', numbers: {} },
} as const satisfies Readonly<Record<string, RecommenderKindSpec>>;

/** What is declared of a kind. */
export const recommenderKind = (kind: RecommenderKind): RecommenderKindSpec => RECOMMENDER_KINDS[kind];
