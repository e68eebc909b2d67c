-- What the world is told about an event's seats: snapshots, changes, and the changes to publish.
-- The keys and their meaning are those of `holds.lua`.

local function now_ms()
  local time = server.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- ARGV: the version the caller has ('0': none). The bits come only when they are another's.
local function snapshot(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'version', 'seat_count', 'chart')
  if not meta[1] then return {'rebuild'} end
  local answer = {'snapshot', now_ms(), tonumber(meta[2]), meta[1], tonumber(meta[3]), meta[4]}
  if meta[2] ~= args[1] then answer[7] = server.call('GET', keys[1]) end
  return answer
end

-- ARGV: since, entries_max. Entries after `since`; the reader sees a gap by their ids.
local function changes(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'version')
  if not meta[1] then return {'rebuild'} end
  local entries = {}
  if tonumber(args[1]) < tonumber(meta[2]) then
    entries = server.call('XRANGE', keys[7], '(' .. args[1], '+', 'COUNT', args[2])
  end
  return {'changes', now_ms(), tonumber(meta[2]), meta[1], entries}
end

-- ARGV: publisher, lease_ms, published, entries_max. One publisher at a time: takes or renews the
-- lease, notes how far the caller has published, and hands out what comes after. A lease_ms of 0
-- gives the lease back.
local function drain(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'version', 'published', 'publisher', 'lease_ms')
  if not meta[1] then return {'rebuild'} end
  local now = now_ms()
  local version, published = tonumber(meta[2]), tonumber(meta[3])
  local mine = meta[4] == args[1]
  if not mine and meta[4] and tonumber(meta[5]) > now then
    return {'waiting', now, version, published, meta[1], tonumber(meta[5])}
  end
  local lease = tonumber(args[2])
  if lease == 0 then
    if mine then server.call('HDEL', keys[6], 'publisher', 'lease_ms') end
  elseif not mine or tonumber(meta[5]) - now < lease / 2 then
    server.call('HSET', keys[6], 'publisher', args[1], 'lease_ms', string.format('%d', now + lease))
  end
  local done = tonumber(args[3])
  if mine and done > published and done <= version then
    published = done
    server.call('HSET', keys[6], 'published', string.format('%d', done))
  end
  local entries = {}
  if published < version and lease > 0 then
    entries = server.call('XRANGE', keys[7], string.format('(%d', published), '+', 'COUNT', args[4])
  end
  return {'draining', now, version, published, meta[1], entries}
end

local function offer(name, callback, flags)
  server.register_function {
    function_name = '__library___' .. name, callback = callback, flags = flags or {},
  }
end

offer('snapshot', snapshot, {'no-writes'})
offer('changes', changes, {'no-writes'})
offer('drain', drain)
