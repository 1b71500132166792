/// What the server does as one step.
///
/// Purges have numbers, each larger than the one before: the server's time in microseconds, or one more than the latest. The number
/// of the latest is under the key `clock`. The sorted set `purges` has the latest number of each selection, hard (`h` and its
/// label) and soft (`s` and its label), and as `floor` the number before which nothing is known. Every entry has the number that was
/// the latest when it was stored, so it is purged when one of its labels has a larger one, or the floor has.
///
/// So a purge writes one number, however many entries it selects, and the set is bounded: when it is full it forgets the oldest
/// purge, and with it all entries from before it. When the server loses either key, it begins anew with the present time as
/// the floor: everything from before counts as purged, and nothing that was purged comes back. The same is done at the beginning of a
/// connection to a server that has been started since (`run` has its run id), or that is another one, such as a replica that took
/// over: what it has may be from before purges that it does not know.
///
/// A server without memory refuses writes, but none after the first one of a script. Where a few bytes have to be written all the
/// same, that is a `PERSIST`, which takes no memory and changes nothing.
///
/// `KEYS` are the clock, the purges and the entry.
enum StoreScripts {
    private static let common = """
        local function present()
          local last = tonumber(redis.call('GET', KEYS[1]) or nil)
          local floor = tonumber(redis.call('ZSCORE', KEYS[2], 'floor') or nil)
          if last and floor then return last, floor end
          local time = redis.call('TIME')
          local top = tonumber(redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or nil)
          local now = math.max(time[1] * 1000000 + time[2], (last or 0) + 1, (top or 0) + 1)
          redis.call('PERSIST', KEYS[1])
          redis.call('SET', KEYS[1], string.format('%.0f', now))
          redis.call('ZADD', KEYS[2], now, 'floor')
          return now, now
        end
        local function newest(record)
          local count = math.min(struct.unpack('>I4', record, 17), math.floor((#record - 20) / 8))
          local hard, soft = 0, tonumber(redis.call('ZSCORE', KEYS[2], 's') or nil) or 0
          for first = 0, count - 1, 500 do
            local members = {}
            for index = first, math.min(first + 500, count) - 1 do
              local label = string.sub(record, 21 + index * 8, 28 + index * 8)
              members[#members + 1] = 'h' .. label
              members[#members + 1] = 's' .. label
            end
            local scores = redis.call('ZMSCORE', KEYS[2], unpack(members))
            for index = 1, #members, 2 do
              hard = math.max(hard, tonumber(scores[index] or nil) or 0)
              soft = math.max(soft, tonumber(scores[index + 1] or nil) or 0)
            end
          end
          return hard, soft
        end

        """

    /// Begins anew, unless the server is still the one that was found last (`KEYS[3]`). It has no error, whatever the server is like.
    static let beginning = """
        local information = redis.pcall('INFO', 'server')
        local identifier = type(information) == 'string' and string.match(information, 'run_id:(%w+)')
        if not identifier or redis.pcall('GET', KEYS[3]) == identifier then return 0 end
        redis.pcall('PERSIST', KEYS[1])
        local last = redis.pcall('GET', KEYS[1])
        last = type(last) == 'string' and tonumber(last) or 0
        local time = redis.pcall('TIME')
        local now = math.max(time[1] * 1000000 + time[2], last + 1)
        redis.pcall('UNLINK', KEYS[2])
        redis.pcall('ZADD', KEYS[2], now, 'floor')
        redis.pcall('SET', KEYS[1], string.format('%.0f', now))
        redis.pcall('SET', KEYS[3], identifier)
        return 1
        """

    /// The number of the latest purge.
    static let mark = RedisScript(common + "return string.format('%.0f', (present()))")

    /// Finds out whether an entry is purged.
    ///
    /// Returns nothing, or the record and -1, or the record and the microseconds since a purge that made it stale. An entry that
    /// is valid gets the present number, so that it is not asked about again before the next purge.
    static let read = RedisScript(
        common + """
            local record = redis.call('GET', KEYS[3])
            if not record then return false end
            if #record < 20 then return {record, -1} end
            local last, floor = present()
            local number = struct.unpack('>I8', record)
            local hard, soft = newest(record)
            if number < floor or number > last or hard > number then
              redis.call('UNLINK', KEYS[3])
              return false
            end
            if soft > number then
              local time = redis.call('TIME')
              return {record, math.max(0, time[1] * 1000000 + time[2] - soft)}
            end
            if last > number then redis.pcall('SETRANGE', KEYS[3], 0, struct.pack('>I8', last)) end
            return {record, -1}
            """)

    /// Stores a record (`ARGV[1]`; nothing for one that is too large), unless it was purged since a mark (`ARGV[2]`, or nothing), for some
    /// milliseconds (`ARGV[3]`), and publishes a message (`ARGV[5]`) on a channel (`ARGV[4]`).
    ///
    /// Returns 1, 0 when it is not stored, and -1 when the server has no memory left.
    static let store = RedisScript(
        common + """
            local record = ARGV[1]
            local last, floor = present()
            if ARGV[2] ~= '' and #record > 0 then
              local mark = tonumber(ARGV[2])
              if mark < floor or mark > last then return 0 end
              if mark < last then
                local hard, soft = newest(record)
                if hard > mark or soft > mark then return 0 end
              end
            end
            local result = 0
            if #record > 0 then
              local done = redis.pcall('SET', KEYS[3], record, 'PX', ARGV[3])
              if done.err and not string.find(done.err, 'OOM', 1, true) then return done end
              result = done.err and -1 or 1
            end
            if result == 1 then
              redis.call('SETRANGE', KEYS[3], 0, struct.pack('>I8', last))
            else
              redis.call('UNLINK', KEYS[3])
            end
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            return result
            """)

    /// Purges: hard or soft (`ARGV[1]`, `h` or `s`), a label (`ARGV[2]`, or nothing for everything), remembering at most some
    /// purges (`ARGV[3]`), and publishes a message (`ARGV[5]`) on a channel (`ARGV[4]`).
    static let purge = RedisScript(
        common + """
            redis.call('PERSIST', KEYS[1])
            local last = present()
            local time = redis.call('TIME')
            local now = math.max(time[1] * 1000000 + time[2], last + 1)
            redis.call('SET', KEYS[1], string.format('%.0f', now))
            if ARGV[1] == 'h' and ARGV[2] == '' then
              redis.call('UNLINK', KEYS[2])
              redis.call('ZADD', KEYS[2], now, 'floor')
            else
              redis.call('ZADD', KEYS[2], now, ARGV[1] .. ARGV[2])
            end
            local surplus = redis.call('ZCARD', KEYS[2]) - ARGV[3]
            if surplus > 0 then
              local before = tonumber(redis.call('ZSCORE', KEYS[2], 'floor') or nil) or 0
              local floor = math.max(before, tonumber(redis.call('ZRANGE', KEYS[2], surplus, surplus, 'WITHSCORES')[2]))
              redis.call('ZREMRANGEBYRANK', KEYS[2], 0, surplus)
              redis.call('ZADD', KEYS[2], string.format('%.0f', floor), 'floor')
            end
            if KEYS[3] then redis.call('UNLINK', KEYS[3]) end
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            return 1
            """)

    /// Replaces the record under a key (`KEYS[1]`) with one that says the same in more encodings (`ARGV[2]`), if it is still the one
    /// with an identifier (`ARGV[1]`).
    static let replace = RedisScript(
        """
        if redis.call('GETRANGE', KEYS[1], 8, 15) ~= ARGV[1] then return 0 end
        local number = redis.call('GETRANGE', KEYS[1], 0, 7)
        redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
        redis.call('SETRANGE', KEYS[1], 0, number)
        return 1
        """)

    /// Removes a lock (`KEYS[1]`) that an owner (`ARGV[1]`) still has.
    static let release = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
}
