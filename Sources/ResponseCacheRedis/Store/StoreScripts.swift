import RedisTransport

/// The scripts of a ``RedisStore``, each of which the server runs atomically.
///
/// Purges have ascending numbers: the server's time in microseconds, or the latest number plus one. The key `clock` holds the latest
/// number, see ``StoreClock``. The sorted set `purges` holds the latest number of each selection: a hard purge is `h` and the label, a
/// soft purge `s` and the label. Its member with the lowest number is the *base*: its name is the epoch and the server's run ID, and
/// its number is the floor, before which no purges are recorded. An entry records the latest number at the time it was stored. It is
/// purged if the floor or the number of one of its labels is greater.
///
/// A purge therefore writes one number however many entries it selects, and the set is bounded: when it is full, the oldest purge is
/// dropped and all entries from before it count as purged.
///
/// A full server may evict either key without losing valid entries that are in use:
///
/// - Without the clock, the largest number in the set is the latest purge, and the base has the epoch.
/// - Without the set, the floor is the number in the clock: entries that were valid at the latest purge stay valid.
/// - Without both, a new epoch starts and every entry counts as purged. Entries of another epoch are never valid, even if the server's
///   time has gone back.
///
/// A new epoch also starts when a client connects to a server that has been restarted, or to another one such as a promoted replica:
/// its data may be older than purges it does not know. ``beginning`` fails on a server that rejects writes.
///
/// A server that is out of memory rejects a script's first write, but not the following ones. Scripts that must write a few bytes
/// anyway start with a `PERSIST`, which allocates no memory and changes nothing.
///
/// `KEYS` are the clock, the purges and the entry. A script takes time proportional to its arguments and to the record that it reads.
enum StoreScripts {
    private static let common = """
        local function run()
          return string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') .. string.rep('0', 16), 1, 16)
        end
        local function state(expected)
          local clock = redis.call('GET', KEYS[1])
          local base = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
          local last, name
          if clock and #clock == 32 then
            last, name = struct.unpack('>I8', clock), string.sub(clock, 9)
          elseif base[1] and #base[1] == 24 then
            last, name = tonumber(redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2]), base[1]
            redis.call('PERSIST', KEYS[1])
            redis.call('SET', KEYS[1], struct.pack('>I8', last) .. name)
          end
          if name and base[1] == name and not expected then return last, tonumber(base[2]), name end
          if not name or (expected and string.sub(name, 9) ~= expected) or (base[1] and base[1] ~= name) then
            local time = redis.call('TIME')
            local identifier = expected or run()
            local digest = redis.sha1hex(table.concat({identifier, time[1], time[2], name or ''}, ' '))
            last = math.max(time[1] * 1000000 + time[2], (last or 0) + 1)
            name = struct.pack('>I4I4', tonumber(string.sub(digest, 1, 8), 16), tonumber(string.sub(digest, 9, 16), 16))
              .. identifier
            redis.call('PERSIST', KEYS[1])
            redis.call('UNLINK', KEYS[2])
            redis.call('ZADD', KEYS[2], last, name)
            redis.call('SET', KEYS[1], struct.pack('>I8', last) .. name)
            return last, last, name
          end
          if not base[1] then
            redis.call('PERSIST', KEYS[1])
            redis.call('ZADD', KEYS[2], last, name)
            return last, last, name
          end
          return last, tonumber(base[2]), name
        end
        local function newest(record)
          local count = math.min(struct.unpack('>I4', record, 33), math.floor((#record - 36) / 8))
          local hard, soft = 0, tonumber(redis.call('ZSCORE', KEYS[2], 's') or nil) or 0
          for first = 0, count - 1, 500 do
            local members = {}
            for index = first, math.min(first + 500, count) - 1 do
              local label = string.sub(record, 37 + index * 8, 44 + index * 8)
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

    /// Checks whether this server issued the numbers, and starts a new epoch if it did not. Keys of another type are removed.
    ///
    /// Returns the name of the base: the epoch and the server's run ID. Fails if the server rejects writes, is a replica, or does not
    /// report its run ID. None of its entries may be used then.
    static let beginning =
        common + """
            redis.call('PERSIST', KEYS[1])
            if string.find(redis.call('INFO', 'replication'), 'role:slave', 1, true) then
              return redis.error_reply('READONLY the server is a replica')
            end
            if type(redis.pcall('GET', KEYS[1])) == 'table' then redis.call('UNLINK', KEYS[1]) end
            if type(redis.pcall('ZCARD', KEYS[2])) == 'table' then redis.call('UNLINK', KEYS[2]) end
            local last, floor, name = state(run())
            return name
            """

    /// Returns the clock, which is created if it is missing.
    static let mark = RedisScript(common + "state() return redis.call('GET', KEYS[1])")

    /// Returns an entry unless it was purged.
    ///
    /// Returns null for a purged entry; otherwise the record, the microseconds since a soft purge or -1, and the name of the base. A
    /// valid entry receives the latest number, so that it is not checked again before the next purge.
    static let read = RedisScript(
        common + """
            local record = redis.call('GET', KEYS[3])
            if not record then return false end
            local last, floor, name = state()
            if #record < 36 then return {record, -1, name} end
            local number = struct.unpack('>I8', record)
            local hard, soft = newest(record)
            if string.sub(record, 9, 16) ~= string.sub(name, 1, 8) or number < floor or number > last or hard > number then
              redis.call('UNLINK', KEYS[3])
              return false
            end
            if soft > number then
              local time = redis.call('TIME')
              return {record, math.max(0, time[1] * 1000000 + time[2] - soft), name}
            end
            if last > number then redis.pcall('SETRANGE', KEYS[3], 0, struct.pack('>I8', last)) end
            return {record, -1, name}
            """)

    /// Stores a record (`ARGV[1]`, empty if it is too large) with a lifetime in milliseconds (`ARGV[3]`), unless it was purged since a
    /// mark (`ARGV[2]`, empty for none, and the bits of its epoch in `ARGV[6]`), and publishes a message (`ARGV[5]`) on a channel
    /// (`ARGV[4]`).
    ///
    /// Returns 1 if the record was stored, 0 if it was not, and -1 if the server is out of memory.
    static let store = RedisScript(
        common + """
            local record = ARGV[1]
            local last, floor, name = state()
            if ARGV[2] ~= '' and #record > 0 then
              local mark = tonumber(ARGV[2])
              if mark < floor or mark > last then return 0 end
              if struct.unpack('>I2', name, 7) % 2048 ~= tonumber(ARGV[6]) then return 0 end
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
              redis.call('SETRANGE', KEYS[3], 0, struct.pack('>I8', last) .. string.sub(name, 1, 8))
            else
              redis.call('UNLINK', KEYS[3])
            end
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            return result
            """)

    /// Records a hard or soft purge (`ARGV[1]`, `h` or `s`) of a label (`ARGV[2]`, empty for everything), keeps at most `ARGV[3]` purges,
    /// and publishes a message (`ARGV[5]`) on a channel (`ARGV[4]`).
    static let purge = RedisScript(
        common + """
            redis.call('PERSIST', KEYS[1])
            local last, floor, name = state()
            local time = redis.call('TIME')
            local now = math.max(time[1] * 1000000 + time[2], last + 1)
            redis.call('SET', KEYS[1], struct.pack('>I8', now) .. name)
            if ARGV[1] == 'h' and ARGV[2] == '' then
              redis.call('UNLINK', KEYS[2])
              redis.call('ZADD', KEYS[2], now, name)
            else
              redis.call('ZADD', KEYS[2], now, ARGV[1] .. ARGV[2])
            end
            local surplus = redis.call('ZCARD', KEYS[2]) - ARGV[3]
            if surplus > 0 then
              local oldest = redis.call('ZRANGE', KEYS[2], surplus, surplus, 'WITHSCORES')[2]
              redis.call('ZREMRANGEBYRANK', KEYS[2], 0, surplus)
              redis.call('ZADD', KEYS[2], oldest, name)
            end
            if KEYS[3] then redis.call('UNLINK', KEYS[3]) end
            redis.call('PUBLISH', ARGV[4], ARGV[5])
            return 1
            """)

    /// Replaces the record under a key (`KEYS[1]`) with one that has more variants (`ARGV[2]`), if its identifier is still `ARGV[1]`.
    static let replace = RedisScript(
        """
        if redis.call('GETRANGE', KEYS[1], 24, 31) ~= ARGV[1] then return 0 end
        local number = redis.call('GETRANGE', KEYS[1], 0, 15)
        redis.call('SET', KEYS[1], ARGV[2], 'KEEPTTL')
        redis.call('SETRANGE', KEYS[1], 0, number)
        return 1
        """)

    /// Removes a lock (`KEYS[1]`) if its owner is still `ARGV[1]`.
    static let release = RedisScript(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
}
