import { flushCompileCache } from 'node:module';

/** Preloaded into processes of tests: a killed one never writes its compiled modules by itself, and would be slow to start each time. */
setTimeout(flushCompileCache, 2_000).unref();
