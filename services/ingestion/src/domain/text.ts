/** True for texts with control characters or line ends, which would end up in headers and logs. */
export const hasControl = (text: string): boolean => [...text].some((c) => (c.codePointAt(0) ?? 0) < 32 || c === '\u007f' || c === '\u2028' || c === '\u2029');
