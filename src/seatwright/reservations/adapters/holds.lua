-- Whose seat is it? One atomic answer per call, on the seven keys of one event (one hash slot).
--
--   1 availability  string   two bits a seat: 0 free, 1 held, 2 sold, 3 not for sale
--   2 owners        hash     held seat -> hold id
--   3 holds         hash     hold id -> "<cap_ms> <extended> <holder>\t<group>\t<seats>\t..." (see `read`)
--   4 buyers        hash     buyer group -> "<hold id>=<seats> ..." of the holds that group has
--   5 expiries      zset     hold id by expires_ms: the only place that says when a hold ends
--   6 meta          hash     epoch, version, seat_count, chart, document (the catalogue's version
--                            that named the chart); published, publisher, lease_ms
--   7 changes       stream   entry "<version>-0": state, seats, state, seats, ... in that order
--
-- Every function answers a list whose first element names the outcome. No epoch means that this
-- Valkey does not know the event: `rebuild`, never "free". Time is Valkey's own, in milliseconds.
-- Every raise of the version appends exactly one entry, so a gap in the ids is a trimmed stream.
-- The work is in the size of one cart: a filling, which may be large, is staged in portions under
-- keys of its own, and then takes its place at once. `domain/holding.py` says the same in Python.
-- `marks.lua` goes on where this file ends, in the same library.

local FREE, HELD, SOLD = 0, 1, 2
-- Lua's stack takes some 8,000 values in one call; a seat needs up to four of them.
local SEATS_A_COMMAND = 1000
-- A minute and more of a hot sale, about 0.5 MB: who is further behind takes a snapshot.
local CHANGES_MAX = 5000
-- Whoever stages a filling and dies leaves it for so long.
local STAGED_MS = 60000

local function now_ms()
  local time = server.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function split(text)
  local parts, n = {}, 0
  for part in string.gmatch(text, '[^,]+') do
    n = n + 1
    parts[n] = part
  end
  return parts
end

-- The states of at most SEATS_A_COMMAND seats, in one command.
local function states(keys, seats)
  local words = {}
  for i = 1, #seats do
    local at = 3 * i
    words[at - 2], words[at - 1], words[at] = 'GET', 'u2', '#' .. seats[i]
  end
  return server.call('BITFIELD', keys[1], unpack(words))
end

local function in_portions(seats, act)
  if #seats <= SEATS_A_COMMAND then
    if #seats > 0 then act(seats) end
    return
  end
  for first = 1, #seats, SEATS_A_COMMAND do
    act({unpack(seats, first, math.min(first + SEATS_A_COMMAND - 1, #seats))})
  end
end

local function put(keys, state, seats)
  in_portions(seats, function(portion)
    local words = {}
    for i = 1, #portion do
      local at = 4 * i
      words[at - 3], words[at - 2], words[at - 1], words[at] = 'SET', 'u2', '#' .. portion[i], state
    end
    server.call('BITFIELD', keys[1], unpack(words))
  end)
end

local function own(keys, seats, hold)
  in_portions(seats, function(portion)
    local words = {}
    for i = 1, #portion do
      words[2 * i - 1], words[2 * i] = portion[i], hold
    end
    server.call('HSET', keys[2], unpack(words))
  end)
end

local function disown(keys, seats)
  in_portions(seats, function(portion) server.call('HDEL', keys[2], unpack(portion)) end)
end

local function append(keys, ...)
  local version = server.call('HINCRBY', keys[6], 'version', 1)
  server.call('XADD', keys[7], 'MAXLEN', '~', CHANGES_MAX, string.format('%d-0', version), ...)
  return version
end

-- cap_ms, extended, holder, group, seats of a stored hold.
local function read(stored)
  local cap, extended, holder, group, seats =
    string.match(stored, '^(%d+) (%d) ([^\t]*)\t([^\t]*)\t([^\t]*)\t')
  return tonumber(cap), extended, holder, group, seats
end

-- The remembered holds of a buyer group without `except`, and how many seats the running ones have.
-- One that has run out stays listed while it is remembered: an order may yet `keep` it.
local function listed(keys, group, except, now)
  local text = server.call('HGET', keys[4], group)
  local kept, seats = {}, 0
  if text then
    for hold, count in string.gmatch(text, '(%S+)=(%d+)') do
      local expires = hold ~= except and server.call('ZSCORE', keys[5], hold)
      if expires then
        kept[#kept + 1] = hold .. '=' .. count
        if tonumber(expires) > now then seats = seats + tonumber(count) end
      end
    end
  end
  return kept, seats
end

-- Forget a hold and that its group had it; its seats are the caller's to look after.
local function forget(keys, hold, group, now)
  server.call('ZREM', keys[5], hold)
  server.call('HDEL', keys[3], hold)
  if group == '' then return end
  local kept = listed(keys, group, hold, now)
  if #kept > 0 then
    server.call('HSET', keys[4], group, table.concat(kept, ' '))
  else
    server.call('HDEL', keys[4], group)
  end
end

-- Forget a hold; the seats that were still its own are added to `freed`, their bits untouched.
local function erase(keys, hold, now, freed)
  local stored = server.call('HGET', keys[3], hold)
  if not stored then return end
  local _, _, _, group, text = read(stored)
  forget(keys, hold, group, now)
  local seats = split(text)
  local mine = {}
  local owners = server.call('HMGET', keys[2], unpack(seats))
  for i = 1, #seats do
    if owners[i] == hold then mine[#mine + 1] = seats[i] end
  end
  if #mine > 0 then
    disown(keys, mine)
    for i = 1, #mine do freed[#freed + 1] = mine[i] end
  end
end

-- The hold that has this id while it runs, as it is told; one that has run out is noted in `lapsed`.
local function in_use(keys, id, now, lapsed)
  local expires = server.call('ZSCORE', keys[5], id)
  if not expires then return nil end
  if tonumber(expires) > now then
    return {'known', now, tonumber(expires), server.call('HGET', keys[3], id)}
  end
  lapsed[id] = true
end

-- Of some seats those that are sold or not for sale and those that are held; and the first that
-- is none of the event's, which ends the search.
local function not_free(keys, seats, seat_count)
  local blocked, held = {}, {}
  local state = states(keys, seats)
  for i = 1, #seats do
    if tonumber(seats[i]) >= seat_count then return blocked, held, seats[i] end
    if state[i] == HELD then
      held[#held + 1] = seats[i]
    elseif state[i] ~= FREE then
      blocked[#blocked + 1] = seats[i]
    end
  end
  return blocked, held
end

-- Adds to `blocked` what running holds have of the `held` seats; those that have run out are noted
-- in `lapsed`.
local function block_running(keys, held, now, blocked, lapsed)
  local owners = server.call('HMGET', keys[2], unpack(held))
  for i = 1, #held do
    -- A held seat without an owner is a leftover that nobody could ever free: take it.
    if owners[i] and not lapsed[owners[i]] then
      local expires = server.call('ZSCORE', keys[5], owners[i])
      if expires and tonumber(expires) > now then
        blocked[#blocked + 1] = held[i]
      else
        lapsed[owners[i]] = true
      end
    end
  end
end

-- Gives the hold its seats, and frees those that lapsed ones had beside them; answers the change.
local function take(keys, id, seats, text, freed)
  local change = {HELD, text}
  if #freed > 0 then
    put(keys, FREE, freed)
    change = {FREE, table.concat(freed, ','), unpack(change)}
  end
  put(keys, HELD, seats)
  own(keys, seats, id)
  return change
end

-- Notes that the group has the hold, beside its others.
local function enlist(keys, group, kept, id, count)
  kept[#kept + 1] = id .. '=' .. count
  server.call('HSET', keys[4], group, table.concat(kept, ' '))
end

-- ARGV: "<chart> <hold> <seats_max> <duration_ms> <cap_ms> <fresh>" (few words: each costs the
-- client a microsecond) and the record "<holder>\t<group>\t<seats>\t...", kept as it is.
-- `fresh` says that the id was made a moment ago by us and need not be looked up. An empty group
-- has no limit.
local function hold(keys, args)
  local chart, id, seats_max, duration_ms, cap_ms, fresh =
    string.match(args[1], '^(%S+) (%S+) (%d+) (%d+) (%d+) (%d)$')
  local group, text = string.match(args[2], '^[^\t]*\t([^\t]*)\t([^\t]*)\t')
  local meta = server.call('HMGET', keys[6], 'epoch', 'chart', 'seat_count')
  if not meta[1] then return {'rebuild'} end
  if meta[2] ~= chart then return {'chart'} end
  local now = now_ms()
  local lapsed = {}
  if fresh ~= '1' then
    local known = in_use(keys, id, now, lapsed)
    if known then return known end
  end

  local seats = split(text)
  local blocked, held, unknown = not_free(keys, seats, tonumber(meta[3]))
  if unknown then return {'unknown', now, unknown} end
  if #held > 0 then block_running(keys, held, now, blocked, lapsed) end
  if #blocked > 0 then return {'taken', now, unpack(blocked)} end

  local kept
  if group ~= '' then
    local count
    kept, count = listed(keys, group, id, now)
    if count + #seats > tonumber(seats_max) then return {'limit', now, count} end
  end

  local freed = {}
  for other in pairs(lapsed) do erase(keys, other, now, freed) end
  -- What was just forgotten may be among those counted before.
  if kept and next(lapsed) then kept = listed(keys, group, id, now) end
  local change = take(keys, id, seats, text, freed)
  local expires = now + tonumber(duration_ms)
  server.call('HSET', keys[3], id, string.format('%d 0 ', now + tonumber(cap_ms)) .. args[2])
  server.call('ZADD', keys[5], expires, id)
  if kept then enlist(keys, group, kept, id, #seats) end
  return {'held', now, expires, append(keys, unpack(change))}
end

-- ARGV: hold. Also answers a hold that has run out and was not yet forgotten.
local function look(keys, args)
  if server.call('HEXISTS', keys[6], 'epoch') == 0 then return {'rebuild'} end
  local stored = server.call('HGET', keys[3], args[1])
  if not stored then return {'absent', now_ms()} end
  return {'known', now_ms(), tonumber(server.call('ZSCORE', keys[5], args[1])), stored}
end

-- ARGV: hold, holder, by_ms. Once in a hold's life and never beyond its cap; repeating it
-- answers the same.
local function extend(keys, args)
  if server.call('HEXISTS', keys[6], 'epoch') == 0 then return {'rebuild'} end
  local now = now_ms()
  local stored = server.call('HGET', keys[3], args[1])
  if not stored then return {'absent', now} end
  local cap, extended, holder = read(stored)
  if holder ~= args[2] then return {'foreign', now} end
  local expires = tonumber(server.call('ZSCORE', keys[5], args[1]))
  if expires <= now then return {'expired', now} end
  if extended == '0' then
    -- An order may have kept the hold beyond the cap: an extension never shortens.
    expires = math.max(expires, math.min(expires + tonumber(args[3]), cap))
    stored = string.format('%d 1 ', cap) .. string.sub(stored, string.find(stored, ' ', 1, true) + 3)
    server.call('HSET', keys[3], args[1], stored)
    server.call('ZADD', keys[5], expires, args[1])
  end
  return {'known', now, expires, stored}
end

-- ARGV: hold, until_ms. For the order that claimed the seats: no cap, never shorter, and good
-- for a hold that has run out while nobody else took its seats.
local function keep(keys, args)
  if server.call('HEXISTS', keys[6], 'epoch') == 0 then return {'rebuild'} end
  if server.call('HEXISTS', keys[3], args[1]) == 0 then return {'absent', now_ms()} end
  server.call('ZADD', keys[5], 'GT', args[2], args[1])
  return {'kept', now_ms()}
end

-- ARGV: hold, holder.
local function release(keys, args)
  if server.call('HEXISTS', keys[6], 'epoch') == 0 then return {'rebuild'} end
  local now = now_ms()
  local stored = server.call('HGET', keys[3], args[1])
  if not stored then return {'absent', now} end
  local _, _, holder = read(stored)
  if holder ~= args[2] then return {'foreign', now} end
  local freed = {}
  erase(keys, args[1], now, freed)
  if #freed == 0 then return {'absent', now} end
  put(keys, FREE, freed)
  return {'released', now, append(keys, FREE, table.concat(freed, ','))}
end

-- ARGV: holds_max. Frees what has run out; answers the version, what is published, the seats
-- freed, whether more has run out, and when the next hold ends (0: there is none).
local function sweep(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'version', 'published')
  if not meta[1] then return {'rebuild'} end
  local now = now_ms()
  local lapsed = server.call('ZRANGEBYSCORE', keys[5], '-inf', now, 'LIMIT', 0, args[1])
  local freed = {}
  for i = 1, #lapsed do erase(keys, lapsed[i], now, freed) end
  local version = tonumber(meta[2])
  if #freed > 0 then
    put(keys, FREE, freed)
    version = append(keys, FREE, table.concat(freed, ','))
  end
  local next_one = server.call('ZRANGE', keys[5], 0, 0, 'WITHSCORES')
  return {'swept', now, version, tonumber(meta[3]), #freed, tonumber(next_one[2] or 0)}
end

-- Keys: owners, holds, buyers and expiries of a filling that nobody sees yet. ARGV: for each of them
-- [field, value, ...], for the last [score, member, ...], as msgpack.
local function stage(keys, args)
  for i, command in ipairs({'HSET', 'HSET', 'HSET', 'ZADD'}) do
    local words = cmsgpack.unpack(args[i])
    if #words > 0 then
      server.call(command, keys[i], unpack(words))
      server.call('PEXPIRE', keys[i], STAGED_MS)
    end
  end
  return {'staged'}
end

-- Keys: behind the event's own the four that were staged. ARGV: force, epoch, seat_count, chart,
-- document, availability, holds staged. Only where nothing is known, or another chart by an older
-- document, or by force; the version never goes back.
local function fill(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'version', 'chart', 'document')
  if meta[1] and args[1] ~= '1' then
    if meta[3] == args[4] or tonumber(meta[4]) >= tonumber(args[5]) then
      return {'filled', now_ms(), tonumber(meta[2]), meta[1]}
    end
  end
  if server.call('ZCARD', keys[11]) ~= tonumber(args[7]) then return {'lost'} end
  local now = now_ms()
  -- Two beyond the last: nobody who read the old epoch can mistake this for its next change.
  local version = math.max(tonumber(meta[2] or 0) + 2, now)
  server.call('UNLINK', unpack(keys, 1, 7))
  server.call('SET', keys[1], args[6])
  server.call('HSET', keys[6], 'epoch', args[2], 'version', string.format('%d', version - 1),
    'seat_count', args[3], 'chart', args[4], 'document', args[5], 'published', string.format('%d', version - 1))
  for i = 2, 5 do
    if server.call('EXISTS', keys[i + 6]) == 1 then
      server.call('RENAME', keys[i + 6], keys[i])
      server.call('PERSIST', keys[i])
    end
  end
  -- An empty change, so that watchers hear of the new epoch.
  return {'filled', now, append(keys, FREE, ''), args[2]}
end

local function offer(name, callback, flags)
  server.register_function {
    function_name = '__library___' .. name, callback = callback, flags = flags or {},
  }
end

offer('hold', hold)
offer('look', look, {'no-writes'})
offer('extend', extend)
offer('keep', keep)
offer('release', release)
offer('sweep', sweep)
offer('stage', stage)
offer('fill', fill)
