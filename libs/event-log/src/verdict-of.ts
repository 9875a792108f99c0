import type { BatchControl, BatchHandler, BatchVerdict, LogBatch } from './port.ts';

const afterThrow: BatchVerdict = { kind: 'pause', ms: 1000 };

/** The handler's verdict; a throw counts as a pause of one second. */
export async function verdictOf(handler: BatchHandler, batch: LogBatch, control: BatchControl): Promise<BatchVerdict> {
  try {
    return await handler.onBatch(batch, control);
  } catch {
    return afterThrow;
  }
}
