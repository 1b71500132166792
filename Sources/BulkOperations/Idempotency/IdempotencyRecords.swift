import HTTPPipeline

private typealias Records = [IdempotencyRecordID: IdempotencyRecords.Record]

extension Records {
    /// Returns the record of a token, unless it was removed or started again.
    fileprivate func live(_ token: IdempotencyToken) -> IdempotencyRecords.Record? {
        self[token.id].flatMap { $0.number == token.number ? $0 : nil }
    }
}

/// The records of a ``MemoryIdempotencyStore``.
struct IdempotencyRecords {
    fileprivate struct Record {
        let number: Int64
        let fingerprint: RequestFingerprint
        let expiresAt: Timestamp
        let leaseEndsAt: Timestamp
        let reply: StoredReply?
        let byteCount: Int

        func isRunning(at now: Timestamp) -> Bool { reply == nil && now < leaseEndsAt }
    }

    /// What a client, or all clients, use, and their records from the oldest to the newest.
    struct Usage {
        fileprivate(set) var recordCount = 0
        fileprivate(set) var byteCount = 0
        /// Contains removed records too, until it is compacted.
        private var ages: [IdempotencyToken] = []
        /// The number of removed records at the start of `ages`.
        private var removedCount = 0

        fileprivate func exceeds(_ limit: (recordCount: Int, byteCount: Int), adding size: Int) -> Bool {
            recordCount + 1 > limit.recordCount || byteCount + size > limit.byteCount
        }

        fileprivate mutating func add(_ token: IdempotencyToken, _ size: Int, in records: Records) {
            recordCount += 1
            byteCount += size
            ages.append(token)
            guard ages.count > 2 * recordCount + 16 else { return }
            ages.removeAll { records.live($0) == nil }
            removedCount = 0
        }

        /// Returns the oldest record that is not running.
        fileprivate mutating func oldest(in records: Records, at now: Timestamp) -> IdempotencyRecordID? {
            while removedCount < ages.count, records.live(ages[removedCount]) == nil { removedCount += 1 }
            return ages[removedCount...].first { records.live($0).map { !$0.isRunning(at: now) } ?? false }?.id
        }
    }

    private let limits: IdempotencyLimits
    private var records: Records = [:]
    private var clients: [String: Usage] = [:]
    private(set) var total = Usage()
    private var lastNumber: Int64 = 0
    /// When expired records are looked for the next time.
    private var nextSweep = Timestamp(nanoseconds: .min)

    init(limits: IdempotencyLimits) {
        self.limits = limits
    }

    mutating func begin(
        _ id: IdempotencyRecordID, _ fingerprint: RequestFingerprint, for lifetimes: IdempotencyLifetimes,
        at now: Timestamp
    ) throws -> IdempotencyOutcome {
        sweep(at: now)
        if let record = records[id] {
            if now < record.expiresAt {
                guard record.fingerprint == fingerprint else { return .mismatch }
                if let reply = record.reply { return .finished(reply) }
                if record.isRunning(at: now) { return .running }
            }
            remove(id)
        }
        let size = id.byteCount + IdempotencyLimits.overhead
        guard makeRoom(for: size, of: id.client, at: now) else { throw IdempotencyStoreFull() }
        return .started(
            insert(id, size) { number in
                Record(
                    number: number, fingerprint: fingerprint, expiresAt: now + lifetimes.record,
                    leaseEndsAt: now + lifetimes.lease, reply: nil, byteCount: size)
            })
    }

    mutating func finish(_ token: IdempotencyToken, with reply: StoredReply, at now: Timestamp) -> Bool {
        guard let record = records[token.id], record.number == token.number, record.reply == nil else { return false }
        // Without the record, so that it is not removed to make room for itself.
        remove(token.id)
        let size = record.byteCount + reply.byteCount
        guard makeRoom(for: size, of: token.id.client, at: now) else { return false }
        insert(token.id, size) { number in
            Record(
                number: number, fingerprint: record.fingerprint, expiresAt: record.expiresAt,
                leaseEndsAt: record.leaseEndsAt, reply: reply, byteCount: size)
        }
        return true
    }

    mutating func abandon(_ token: IdempotencyToken) {
        guard let record = records[token.id], record.number == token.number, record.reply == nil else { return }
        remove(token.id)
    }

    // MARK: Room

    /// Removes the oldest records that are not running, until there is room for one more.
    private mutating func makeRoom(for size: Int, of client: String, at now: Timestamp) -> Bool {
        let all = (limits.recordCount, limits.byteCount)
        guard size <= limits.share.byteCount else { return false }
        while clients[client]?.exceeds(limits.share, adding: size) == true {
            guard let oldest = clients[client]?.oldest(in: records, at: now) else { return false }
            remove(oldest)
        }
        while total.exceeds(all, adding: size) {
            guard let oldest = total.oldest(in: records, at: now) else { return false }
            remove(oldest)
        }
        return true
    }

    /// Removes expired records, at most once in a minute: O(number of records).
    private mutating func sweep(at now: Timestamp) {
        guard now >= nextSweep else { return }
        nextSweep = now + .seconds(60)
        for (id, record) in records where record.expiresAt <= now { remove(id) }
    }

    // MARK: Records

    @discardableResult
    private mutating func insert(
        _ id: IdempotencyRecordID, _ size: Int, _ make: (Int64) -> Record
    ) -> IdempotencyToken {
        lastNumber += 1
        let token = IdempotencyToken(id: id, number: lastNumber)
        records[id] = make(lastNumber)
        total.add(token, size, in: records)
        clients[id.client, default: Usage()].add(token, size, in: records)
        return token
    }

    private mutating func remove(_ id: IdempotencyRecordID) {
        guard let record = records.removeValue(forKey: id) else { return }
        total.recordCount -= 1
        total.byteCount -= record.byteCount
        clients[id.client]?.recordCount -= 1
        clients[id.client]?.byteCount -= record.byteCount
        if clients[id.client]?.recordCount == 0 { clients[id.client] = nil }
    }
}
