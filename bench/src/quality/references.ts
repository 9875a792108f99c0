type Figures = Readonly<Record<string, number>>;

/** What the peers' own libraries reached on the withheld parts of the same splits, by the best of each family: scikit-learn-like own code, implicit 0.7.3, LightFM, and the formulas of session-rec. */
export const REFERENCES: Readonly<Record<string, Readonly<Record<string, Figures>>>> = {
  'ml-100k': {
    popular: { NDCG: 0.0927, recall: 0.069, hit: 0.3949 },
    itemknn: { NDCG: 0.1669, recall: 0.1437, hit: 0.5741 },
    ease: {
      NDCG: 0.1791,
      recall: 0.1497,
      hit: 0.6095,
      'NDCG F': 0.1711,
      'NDCG M': 0.1822,
      'NDCG <25': 0.1559,
      'NDCG 25-34': 0.1779,
      'NDCG 35-49': 0.1819,
      'NDCG 50+': 0.2204,
    },
    best: { NDCG: 0.1791, recall: 0.1497, hit: 0.6095 },
  },
  'ml-latest-small': {
    popular: { NDCG: 0.0802, recall: 0.0563, hit: 0.3236 },
    itemknn: { NDCG: 0.1177, recall: 0.0969, hit: 0.4743 },
    ease: { NDCG: 0.1264, recall: 0.105, hit: 0.4914 },
    best: { NDCG: 0.1264, recall: 0.105, hit: 0.4914 },
  },
  'yoochoose-100k': {
    popular: { 'HR@20': 0.0894, 'MRR@20': 0.0264 },
    ar: { 'HR@20': 0.6212, 'MRR@20': 0.3237 },
    sr: { 'HR@20': 0.5993, 'MRR@20': 0.3438 },
    vmis: { 'HR@20': 0.6733, 'MRR@20': 0.3504 },
    stan: { 'HR@20': 0.6665, 'MRR@20': 0.3611 },
    best: { 'HR@20': 0.6733, 'MRR@20': 0.3611 },
    frozen: { 'HR@20': 0.5994, 'MRR@20': 0.3438 },
    stream: { 'HR@20': 0.6333, 'MRR@20': 0.3625 },
  },
  'next-basket': {
    popular: { recall: 0.0388, NDCG: 0.079, hit: 0.3917 },
    personal: { recall: 0.1981, NDCG: 0.306, hit: 0.778 },
    itemknn: { recall: 0.099, NDCG: 0.171, hit: 0.5589 },
    best: { recall: 0.1981, NDCG: 0.306, hit: 0.778 },
  },
};
