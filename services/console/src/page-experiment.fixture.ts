/** What a campaign with two variants says of its experiment. */
export const experiment = {
  arms: [
    { arm: 'held_out', assigned: 118n, expected: 117.4, settled: 108n, reached: 20n },
    { arm: 'as_before', assigned: 530n, expected: 528.3, settled: 480n, reached: 88n },
    { arm: 'bolder', assigned: 526n, expected: 528.3, settled: 471n, reached: 92n },
  ],
  comparisons: [
    { arm: 'bolder', baseline: 'as_before', lift: 0.012, low: -0.0374, high: 0.0614, p: 0.634, anytimeLow: -0.0741, anytimeHigh: 0.0981, anytimeP: 1 },
  ],
  sampleRatioP: 0.99,
};
