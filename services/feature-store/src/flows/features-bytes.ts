import type { FeatureRow, GetFeaturesResponse } from '@attune/contracts/messages/features/v1/features';
import { writeLong, writeNamed, writePosition, writeText } from './answer-bytes.ts';
import { MessageWriter } from './message-writer.ts';

/** Number and type of each field, as protos/ has them. */
const ANSWER = { rows: 10, views: 18 } as const;
const ROW = { profileId: 10, values: 18, position: 26, nowMs: 32, views: 42 } as const;
const VIEW_VALUES = { view: 10, values: 18 } as const;
const VIEW_READ = { name: 10, version: 18, purpose: 26 } as const;

const writer = new MessageWriter();

/** The answer of GetFeatures in bytes, those of its generated encoder, which takes several times as long: a call may hold thousands of values. */
export function featuresBytes({ rows, views }: GetFeaturesResponse): Uint8Array {
  writer.begin();
  for (const row of rows) writeRow(row);
  for (const { name, version, purpose } of views) {
    const from = writer.whole(ANSWER.views).open();
    writeText(writer, VIEW_READ.name, name);
    writeText(writer, VIEW_READ.version, version);
    writeText(writer, VIEW_READ.purpose, purpose);
    writer.close(from);
  }
  return writer.done();
}

function writeRow({ profileId, values, position, nowMs, views }: FeatureRow): void {
  const from = writer.whole(ANSWER.rows).open();
  writeText(writer, ROW.profileId, profileId);
  for (const value of values) writeNamed(writer, ROW.values, value);
  writePosition(writer, ROW.position, position);
  writeLong(writer, ROW.nowMs, nowMs);
  for (const view of views) {
    const within = writer.whole(ROW.views).open();
    writeText(writer, VIEW_VALUES.view, view.view);
    for (const value of view.values) writeNamed(writer, VIEW_VALUES.values, value);
    writer.close(within);
  }
  writer.close(from);
}
