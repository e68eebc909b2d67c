local function add(keys, arguments)
  return redis.call('INCRBY', keys[1], arguments[1])
end

local function fail(keys, arguments)
  return redis.error_reply('SEATWRIGHT no')
end

redis.register_function('__library___add', add)
redis.register_function('__library___fail', fail)
