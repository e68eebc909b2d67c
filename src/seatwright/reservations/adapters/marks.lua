-- What orders say about seats, in the library that `holds.lua` begins.

-- As far back as `mark` looks for what changed meanwhile: some seconds of a hot sale, a millisecond.
local LATER_MAX = 1000

-- Holds that have lost all of their seats are forgotten; `touched` says how many each lost now.
local function forget_empty(keys, touched, now)
  for id, lost in pairs(touched) do
    local stored = server.call('HGET', keys[3], id)
    if stored then
      local _, _, _, group, text = read(stored)
      local seats = split(text)
      local left = false
      if lost < #seats then
        local owners = server.call('HMGET', keys[2], unpack(seats))
        for i = 1, #owners do left = left or owners[i] == id end
      end
      if not left then forget(keys, id, group, now) end
    end
  end
end

-- Of `seats`, those that have not changed after the version `since`; none where that is not
-- remembered, or too much.
local function unchanged(keys, seats, since, version)
  if since >= version then return seats end
  local entries = server.call('XRANGE', keys[7], string.format('(%d', since), '+', 'COUNT', LATER_MAX)
  if #entries < version - since then return {} end
  local later, same = {}, {}
  for _, entry in ipairs(entries) do
    for i = 2, #entry[2], 2 do
      for _, seat in ipairs(split(entry[2][i])) do later[seat] = true end
    end
  end
  for i = 1, #seats do
    if not later[seats[i]] then same[#same + 1] = seats[i] end
  end
  return same
end

-- The first of `seats` that the event does not have.
local function unknown(seats, seat_count)
  for i = 1, #seats do
    if tonumber(seats[i]) >= tonumber(seat_count) then return seats[i] end
  end
end

-- Whether a seat that is shown as `found` may be shown as free; see `mark`.
local function freed_by(keys, found, owner, ended, truth, now)
  if found == HELD then
    if not owner or owner == ended then return true end
    local expires = server.call('ZSCORE', keys[5], owner)
    return not (expires and tonumber(expires) > now)
  end
  return truth or (found ~= SOLD and ended == '')
end

-- The seats of a portion that must change to `state`, the holds that lose one by it, and the sold
-- ones that were spared.
local function affected(keys, state, seats, ended, truth, now, touched)
  local found = states(keys, seats)
  local owners = server.call('HMGET', keys[2], unpack(seats))
  local changing, sold = {}, {}
  for i = 1, #seats do
    local owner = owners[i]
    if found[i] ~= state then
      if state ~= FREE or freed_by(keys, found[i], owner, ended, truth, now) then
        changing[#changing + 1] = seats[i]
        if owner then touched[owner] = (touched[owner] or 0) + 1 end
      elseif found[i] == SOLD then
        sold[#sold + 1] = seats[i]
      end
    end
  end
  return changing, sold
end

-- ARGV: state (0, 2 or 3), hold whose claim has ended or '', "<seat>,<seat>,...", since or ''.
-- With a version `since` the caller knows the truth as it was then: what changed later is left
-- alone. Without one it brings news, which may be late: freeing spares sold seats, and answers
-- them; with an ended hold it spares blocked ones as well. What another running hold has is always
-- spared from being freed.
local function mark(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'seat_count', 'version')
  if not meta[1] then return {'rebuild'} end
  local now, state, version = now_ms(), tonumber(args[1]), tonumber(meta[3])
  local seats, truth = split(args[3]), args[4] ~= ''
  local wrong = unknown(seats, meta[2])
  if wrong then return {'unknown', now, wrong} end
  if truth then seats = unchanged(keys, seats, tonumber(args[4]), version) end
  if #seats == 0 then return {'marked', now, version, 0} end
  local touched = {}
  local changing, sold = affected(keys, state, seats, args[2], truth, now, touched)
  if #changing > 0 then
    put(keys, state, changing)
    disown(keys, changing)
    forget_empty(keys, touched, now)
    version = append(keys, state, table.concat(changing, ','))
  end
  return {'marked', now, version, #changing, unpack(sold)}
end

-- A hold has these seats as well, and lasts at least until then. `record` is what is kept of one
-- that is not remembered; what is kept of another, and its note, stays.
local function add(keys, id, record, more, until_ms, now)
  local stored = server.call('HGET', keys[3], id) or string.format('%d 1 ', until_ms) .. record
  local head, text, rest = string.match(stored, '^(%d+ %d [^\t]*\t[^\t]*\t)([^\t]*)(\t.*)$')
  local seats, known = split(text), {}
  for i = 1, #seats do known[seats[i]] = true end
  for i = 1, #more do
    if not known[more[i]] then seats[#seats + 1] = more[i] end
  end
  server.call('HSET', keys[3], id, head .. table.concat(seats, ',') .. rest)
  server.call('ZADD', keys[5], 'GT', until_ms, id)
  local _, _, _, group = read(stored)
  if group == '' then return end
  local kept = listed(keys, group, id, now)
  kept[#kept + 1] = id .. '=' .. #seats
  server.call('HSET', keys[4], group, table.concat(kept, ' '))
end

-- ARGV: hold, record without seats, "<seat>,<seat>,...", until_ms, since. The caller knows that at
-- the version `since` an order's claim had these seats: they are the hold's again, also when it
-- runs, but for those that changed later and those that any hold has.
local function claim(keys, args)
  local meta = server.call('HMGET', keys[6], 'epoch', 'seat_count', 'version')
  if not meta[1] then return {'rebuild'} end
  local now, id, version = now_ms(), args[1], tonumber(meta[3])
  local seats, mine = split(args[3]), {}
  local wrong = unknown(seats, meta[2])
  if wrong then return {'unknown', now, wrong} end
  seats = unchanged(keys, seats, tonumber(args[5]), version)
  local found = #seats > 0 and states(keys, seats)
  for i = 1, #seats do
    if found[i] ~= HELD then mine[#mine + 1] = seats[i] end
  end
  if #mine == 0 then return {'marked', now, version, 0} end
  put(keys, HELD, mine)
  own(keys, mine, id)
  add(keys, id, args[2], mine, args[4], now)
  return {'marked', now, append(keys, HELD, table.concat(mine, ',')), #mine}
end

offer('mark', mark)
offer('claim', claim)
