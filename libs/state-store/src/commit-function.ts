import { createHash } from 'node:crypto';

// Lua's unpack puts its values on a stack of at most about 8,000; even, so that pairs stay together.
const CHUNK = 4_000;

/*
 * ARGV of the commit: expected watermark, new watermark, seven counts, then the values themselves in the order of the counts.
 * Nothing is ever half done: a refusal for want of memory comes before the first write or not at all, and the only values that
 * Redis could refuse, the times of ZADD, come first.
 */
const library = ({ commit, outbox, page, copy }: Names): string => `
local function spread(command, key, values, from, count)
  for first = from, from + count - 1, ${CHUNK} do
    redis.call(command, key, unpack(values, first, math.min(first + ${CHUNK}, from + count) - 1))
  end
  return from + count
end
redis.register_function('${commit}', function(KEYS, ARGV)
  local states, outbox, due, skips = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
  local found = redis.call('HGET', states, 'w') or ''
  if found ~= ARGV[1] then return found end
  local at = spread('ZADD', due, ARGV, 10, tonumber(ARGV[3]))
  at = spread('ZREM', due, ARGV, at, tonumber(ARGV[4]))
  at = spread('HDEL', outbox, ARGV, at, tonumber(ARGV[5]))
  at = spread('HSET', outbox, ARGV, at, tonumber(ARGV[6]))
  at = spread('HDEL', states, ARGV, at, tonumber(ARGV[7]))
  at = spread('HSET', states, ARGV, at, tonumber(ARGV[8]))
  spread('HSET', skips, ARGV, at, tonumber(ARGV[9]))
  redis.call('HSET', states, 'w', ARGV[2])
  return 1
end)
redis.register_function{function_name = '${outbox}', flags = {'no-writes'}, callback = function(KEYS)
  return {redis.call('HGET', KEYS[1], 'w') or '', redis.call('HGETALL', KEYS[2])}
end}
redis.register_function{function_name = '${page}', flags = {'no-writes'}, callback = function(KEYS, ARGV)
  local found = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', ARGV[2])
  local times = {}
  for i = 1, #found[2], 2 do
    times[#times + 1] = redis.call('ZSCORE', KEYS[2], string.sub(found[2][i], 3)) or ''
  end
  return {redis.call('HGET', KEYS[1], 'w') or '', found[1], found[2], times}
end}
redis.register_function{function_name = '${copy}', flags = {'no-writes'}, callback = function(KEYS, ARGV)
  local states, times = {}, {}
  for i = 1, #ARGV do
    states[i] = redis.call('HGET', KEYS[1], 's:' .. ARGV[i])
    times[i] = redis.call('ZSCORE', KEYS[3], ARGV[i]) or ''
  end
  return {redis.call('HGET', KEYS[1], 'w') or '', states, times, redis.call('HGETALL', KEYS[2]), redis.call('HGETALL', KEYS[4])}
end}
`;

interface Names {
  readonly commit: string;
  readonly outbox: string;
  readonly page: string;
  readonly copy: string;
}

// Named by its own text: during a rolling update both versions stand side by side, and neither replaces the other.
const version = createHash('sha256')
  .update(library({ commit: '', outbox: '', page: '', copy: '' }))
  .digest('hex')
  .slice(0, 12);

/** Name of the function that commits a step of a slot; KEYS = states, outbox, due, skips. Answers 1, or the watermark that stands there. */
export const COMMIT = `attune_commit_${version}`;

/** Name of the function that reads watermark and outbox; KEYS = states, outbox. Answers [watermark, [id, body, …]]. */
export const OUTBOX = `attune_outbox_${version}`;

/** Name of the function that reads some states with their times; KEYS = states, due; ARGV = HSCAN's cursor and count. Answers [watermark, next cursor, [field, state, …], [time, …]]. */
export const PAGE = `attune_page_${version}`;

/** Name of the function that copies the states of ARGV and all else; KEYS = states, outbox, due, skips. Answers [watermark, [state, …], [time, …], outbox, skips]; null and '' where there is none. */
export const COPY = `attune_copy_${version}`;

/** The library for FUNCTION LOAD REPLACE (Redis 7 and later). */
export const LIBRARY = `#!lua name=attune_store_${version}\n${library({ commit: COMMIT, outbox: OUTBOX, page: PAGE, copy: COPY })}`;
