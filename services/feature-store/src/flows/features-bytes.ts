import type { FeatureRow, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { AnswerWriter } from './answer-writer.ts';

/** Number and type of each field, as protos/ has them. */
const ANSWER = { rows: 10, views: 18 } as const;
const ROW = { profileId: 10, values: 18, position: 26, nowMs: 32, views: 42 } as const;
const VIEW_VALUES = { view: 10, values: 18 } as const;
const VIEW_READ = { name: 10, version: 18, purpose: 26 } as const;

const writer = new AnswerWriter();

/** The answer of GetFeatures in bytes, those of its generated encoder: a call may hold thousands of values. */
export function featuresBytes({ rows, views }: GetFeaturesResponse): Uint8Array {
  writer.begin();
  for (const row of rows) writeRow(row);
  for (const { name, version, purpose } of views) {
    const from = writer.open(ANSWER.views);
    writer.textIfAny(VIEW_READ.name, name);
    writer.textIfAny(VIEW_READ.version, version);
    writer.textIfAny(VIEW_READ.purpose, purpose);
    writer.close(from);
  }
  return writer.done();
}

function writeRow({ profileId, values, position, nowMs, views }: FeatureRow): void {
  const from = writer.open(ANSWER.rows);
  writer.textIfAny(ROW.profileId, profileId);
  for (const value of values) writer.named(ROW.values, value);
  writer.position(ROW.position, position);
  writer.wholeIfAny(ROW.nowMs, nowMs);
  for (const view of views) {
    const within = writer.open(ROW.views);
    writer.textIfAny(VIEW_VALUES.view, view.view);
    for (const value of view.values) writer.named(VIEW_VALUES.values, value);
    writer.close(within);
  }
  writer.close(from);
}
