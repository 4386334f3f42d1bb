"""What Redis does in one step, as Lua scripts. docs/stores.md describes the protocol.

Each script gets all keys that it touches. The head of a sandbox is `life:revision:by`; an entry of the log has `k`ind,
`n`ame, `l`ife, `r`evision, `b`y, and for changes their `c`ontent. Entries are numbered from a time of day, so that
those of a new log never continue an old one.
"""

_LOG = """
local function tell(...)
  local number = redis.call('INCR', count_key)
  if number == 1 then
    local time = redis.call('TIME')
    number = time[1] * 1000000 + time[2]
    redis.call('SET', count_key, string.format('%.0f', number))
  end
  redis.call('XADD', log_key, 'MAXLEN', '~', log_limit, string.format('%.0f-1', number), ...)
end
"""

_JOURNAL = """
local function journal(begun, first, entries, packed, most_entries, most_bytes)
  local bytes = 0
  for at = first, first + entries - 1 do
    redis.call('RPUSH', journal_key, ARGV[at])
    bytes = bytes + #ARGV[at]
  end
  bytes = redis.call('HINCRBY', state_key, 'journal-bytes', bytes)
  local held = redis.call('LLEN', journal_key)
  while held > 1 and (held > tonumber(most_entries) or bytes > tonumber(most_bytes)) do
    bytes = redis.call('HINCRBY', state_key, 'journal-bytes', -#redis.call('LPOP', journal_key))
    held = held - 1
  end
  local newest = redis.call('HINCRBY', state_key, 'journal-newest', entries)
  tell('k', 'journal', 'n', name, 'l', begun, 'r', newest, 'b', '', 'c', packed)
  return newest
end
"""

_WRITE = """
local function write(first)
  for at = first, #ARGV, 3 do
    if ARGV[at + 1] == '' then
      redis.call('HDEL', documents_key, ARGV[at])
      redis.call('ZREM', rows_key, ARGV[at])
    elseif redis.call('HSET', documents_key, ARGV[at], ARGV[at + 2]) == 1 then
      redis.call('ZADD', rows_key, redis.call('HINCRBY', state_key, 'position', 1), ARGV[at])
    end
  end
end
"""

APPEND = f"""
local heads_key, count_key, log_key, state_key, documents_key, rows_key, lease_key, journal_key = unpack(KEYS)
local name, known, life, base, by, sender, sequence, clock, log_limit, changes = unpack(ARGV, 1, 10)
local entries, packed, most_entries, most_bytes = unpack(ARGV, 11, 14)
{_LOG}{_WRITE}{_JOURNAL}
local head = redis.call('HGET', heads_key, name)
if head ~= known then
  return {{'conflict', head or ''}}
end
if sender ~= '' and redis.call('GET', lease_key) ~= sender then
  return {{'lost', head}}
end
local revision = tonumber(base)
for number = 1, tonumber(changes) do
  revision = revision + 1
  tell('k', 'append', 'n', name, 'l', life, 'r', revision, 'b', by, 'c', ARGV[14 + number])
end
local first = 15 + tonumber(changes)
write(first + tonumber(entries))
if tonumber(entries) > 0 then
  local begun = redis.call('HGET', state_key, 'journal-begun') or '0'
  journal(begun, first, tonumber(entries), packed, most_entries, most_bytes)
end
redis.call('HSET', state_key, 'sequence', sequence)
if clock ~= '' then
  redis.call('HSET', state_key, 'clock', clock)
end
redis.call('HSET', heads_key, name, life .. ':' .. string.format('%.0f', revision) .. ':' .. by)
return {{'kept'}}
"""
"""Stores commands, if the sandbox is still where they were decided, and, with `sender`, only if that process holds the
lease. Their journal entries are stored with them, and appear in the log as one piece."""

APPEND_ENTRY = f"""
local count_key, log_key, state_key, journal_key = unpack(KEYS)
local name, begun, log_limit, packed, most_entries, most_bytes = unpack(ARGV, 1, 6)
{_LOG}{_JOURNAL}
if (redis.call('HGET', state_key, 'journal-begun') or '0') ~= begun then
  return 0
end
return journal(begun, 7, 1, packed, most_entries, most_bytes)
"""
"""Stores an entry of the journal that began then, and returns its number; 0: there is another journal now."""

READ_JOURNAL = """
local state_key, journal_key = unpack(KEYS)
local state = redis.call('HMGET', state_key, 'journal-begun', 'journal-whole', 'journal-newest')
return {state, redis.call('LRANGE', journal_key, 0, -1)}
"""
"""Returns the state of a journal, and its entries."""

FORGET_JOURNAL = """
local state_key, journal_key = unpack(KEYS)
if redis.call('HGET', state_key, 'journal-whole') == '1' or redis.call('EXISTS', journal_key) == 1 then
  redis.call('DEL', journal_key)
  redis.call('HINCRBY', state_key, 'journal-begun', 1)
  redis.call('HSET', state_key, 'journal-whole', 0, 'journal-newest', 0, 'journal-bytes', 0)
end
"""
"""Starts a new journal, which counts as incomplete."""

BEGIN = f"""
local heads_key, count_key, log_key, state_key, documents_key, rows_key, lease_key, journal_key = unpack(KEYS)
local lives_key, order_key = unpack(KEYS, 9)
local name, by, replica, new, lease_ms, log_limit, seed, version, sequence, clock, begun, whole = unpack(ARGV, 1, 12)
{_LOG}{_WRITE}
if new == '1' then
  if redis.call('HEXISTS', heads_key, name) == 1 then
    return 0
  end
  redis.call('SET', lease_key, replica, 'PX', lease_ms)
end
redis.call('SET', lives_key, redis.call('TIME')[1] * 1000, 'NX')
local life = redis.call('INCR', lives_key)
redis.call('DEL', state_key, documents_key, rows_key, journal_key)
redis.call('HSET', state_key, 'seed', seed, 'version', version, 'sequence', sequence, 'clock', clock)
redis.call('HSET', state_key, 'journal-begun', begun, 'journal-whole', whole)
write(13)
redis.call('ZADD', order_key, 'NX', life, name)
redis.call('HSET', heads_key, name, string.format('%.0f:0:', life) .. by)
tell('k', 'begin', 'n', name, 'l', string.format('%.0f', life), 'r', 0, 'b', by)
return life
"""
"""Stores a whole sandbox under a new life, and returns the life; 0: the name is taken. Lives are counted from the time
of day, so that none is used twice even if Redis loses everything."""

FORGET = f"""
local heads_key, count_key, log_key, state_key, documents_key, rows_key, lease_key, journal_key = unpack(KEYS)
local lives_key, order_key = unpack(KEYS, 9)
local name, by, log_limit = unpack(ARGV)
{_LOG}
redis.call('DEL', state_key, documents_key, rows_key, lease_key, journal_key)
redis.call('HDEL', heads_key, name)
redis.call('ZREM', order_key, name)
tell('k', 'forget', 'n', name, 'l', string.format('%.0f', redis.call('INCR', lives_key)), 'r', 0, 'b', by)
"""

READ = """
local heads_key, state_key, documents_key, rows_key = unpack(KEYS)
local places, documents = redis.call('ZRANGE', rows_key, 0, -1), {}
for first = 1, #places, 1000 do
  local some = redis.call('HMGET', documents_key, unpack(places, first, math.min(first + 999, #places)))
  for _, document in ipairs(some) do
    documents[#documents + 1] = document
  end
end
local state = redis.call('HMGET', state_key, 'seed', 'version', 'sequence', 'clock')
return {redis.call('HGET', heads_key, ARGV[1]), state, places, documents}
"""
"""Returns the head, state, places and documents of a sandbox, all from the same moment."""

LEASES = """
local told = {redis.call('GET', KEYS[1])}
for number = 2, #KEYS do
  local key = KEYS[number]
  local holder = redis.call('GET', key)
  if not holder then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[2])
  elseif holder == ARGV[1] then
    redis.call('PEXPIRE', key, ARGV[2])
  end
  told[number] = (not holder or holder == ARGV[1]) and 1 or 0
end
return told
"""
"""Renews and takes leases; returns the number of the last log entry, and for each lease whether it is held."""

ASK = f"""
local lease_key, count_key, log_key = unpack(KEYS)
local name, replica, lease_ms, log_limit = unpack(ARGV)
{_LOG}
local holder = redis.call('GET', lease_key)
if holder and holder ~= replica then
  tell('k', 'want', 'n', name, 'l', 0, 'r', 0, 'b', replica)
  return 0
end
redis.call('SET', lease_key, replica, 'PX', lease_ms)
return 1
"""
"""Takes a lease, or asks its holder for it."""

HAND_OVER = f"""
local lease_key, count_key, log_key = unpack(KEYS)
local name, replica, lease_ms, log_limit, to, busy = unpack(ARGV)
{_LOG}
if redis.call('GET', lease_key) ~= replica then
  return 0
end
if busy == '1' then
  tell('k', 'busy', 'n', name, 'l', 0, 'r', 0, 'b', to)
else
  redis.call('SET', lease_key, to, 'PX', lease_ms)
  tell('k', 'give', 'n', name, 'l', 0, 'r', 0, 'b', to)
end
return 1
"""
"""Hands a lease to the process that asked for it, or tells it that the lease cannot be given up now."""

RELEASE = """
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    redis.call('DEL', key)
  end
end
"""
"""Releases leases."""
