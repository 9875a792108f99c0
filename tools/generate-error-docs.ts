// Writes docs/errors.md from the error table. usage: npm run docs:errors
import { writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type ErrorEntry, errorTable } from '@attune/kernel/errors';

const grpcNames: Readonly<Record<number, string>> = {
  3: 'INVALID_ARGUMENT',
  4: 'DEADLINE_EXCEEDED',
  5: 'NOT_FOUND',
  6: 'ALREADY_EXISTS',
  7: 'PERMISSION_DENIED',
  8: 'RESOURCE_EXHAUSTED',
  9: 'FAILED_PRECONDITION',
  10: 'ABORTED',
  11: 'OUT_OF_RANGE',
  12: 'UNIMPLEMENTED',
  13: 'INTERNAL',
  14: 'UNAVAILABLE',
  16: 'UNAUTHENTICATED',
};

const head = `# Error codes

Generated from \`libs/kernel/src/errors.ts\` by \`npm run docs:errors\`: edit the table, not this page.

The same word is the verdict at the door, the header of a rejected record, the \`reason\` of \`google.rpc.ErrorInfo\` (domain \`attune\`),
the metric label and the anchor on this page: \`docs/errors.md#event_too_large\`.
`;

/** The page, one section a code in the order of the table. */
export const errorPage = (table: Readonly<Record<string, ErrorEntry>> = errorTable): string => [head, ...Object.entries(table).map(section)].join('\n');

function section([code, { what, fix, retriable, grpc, http, level }]: [string, ErrorEntry]): string {
  const again = retriable ? 'Retriable: the same call may succeed later.' : 'Not retriable.';
  return `## ${code}\n\n${what} ${fix}\n\n${again} gRPC ${grpc} ${grpcNames[grpc] ?? ''}, HTTP ${http}, logged as ${level}.\n`;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) writeFileSync('docs/errors.md', errorPage());
