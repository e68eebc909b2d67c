-- One limit, decided and remembered in one step. GCRA: a key holds the instant at which the bucket
-- will be full of permits again; a request is granted while that instant lies within the tolerance.
-- KEYS[1] the bucket; ARGV[1] microseconds that one permit takes to come back; ARGV[2] tolerance in
-- microseconds. Answers 0 when granted, else the milliseconds to wait. Nothing is written on refusal,
-- so hammering does not lengthen the wait.
local function take(keys, arguments)
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  local interval = tonumber(arguments[1])
  local tolerance = tonumber(arguments[2])
  local full_at = tonumber(redis.call('GET', keys[1]) or now)
  -- A clock that was set back must not close a bucket for longer than it takes to fill.
  full_at = math.min(math.max(full_at, now), now + tolerance + interval)
  local wait = full_at - now - tolerance
  if wait > 0 then
    return math.ceil(wait / 1000)
  end
  full_at = full_at + interval
  redis.call('SET', keys[1], string.format('%.0f', full_at), 'PX', math.ceil((full_at - now) / 1000))
  return 0
end

redis.register_function('__library___take', take)
