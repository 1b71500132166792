public import CacheMiddleware
public import HTTPPipeline
public import KeyConstructor
import Logging
import NIOCore
public import RedisTransport
import Synchronization

/// A store in a Redis or Valkey server, shared by all instances of a service.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let store = RedisStore(client)
/// ```
///
/// A look-up is one command and one round trip. A purge writes one number, whatever it selects and however many entries there are. Once
/// it has returned, look-ups on any instance find no purged entry. Purged entries are removed when they are looked up or expire.
///
/// A purge that fails is retried twice a second, and applied before any other operation of the store, for as long as the instance runs.
///
/// All instances must write to the same server; clusters are not supported. A server that loses data loses entries, and never restores
/// purged ones. After a restart or a failover to a replica, all entries count as purged: they may be older than purges that the server
/// does not know.
///
/// Every user of the server can read and write the entries, see `EntrySeal`.
public final class RedisStore: LockingCacheStore {
    let client: RedisClient
    let settings: RedisStoreSettings
    let coder: EntryCoder
    let timeSource: any TimeSource

    private let lookUp: CommandTemplate
    let clockKey: RedisCommand.Argument
    let purgesKey: RedisCommand.Argument
    private let variantWriter: VariantWriter
    /// Part of the handshake of each connection. The store sends it itself on connections that are older than the store.
    let beginning: RedisCommand
    /// The epoch that this server has confirmed, or 0.
    ///
    /// Entries of another epoch may come from another server, through a snapshot or replication. They are not served before
    /// ``StoreScripts/beginning`` has confirmed the epoch.
    let trustedEpoch = Atomic<UInt64>(0)
    /// Purges that have failed. They are applied before any other operation of the store, so a purge survives an outage of the
    /// server as long as the instance that requested it runs.
    let backlog = Mutex(PurgeBacklog())
    /// Whether the backlog is empty. Reading it takes no lock.
    let isBacklogEmpty = Atomic(true)
    /// The running task that applies the backlog, if any.
    let clearing = Mutex<Task<Void, any Error>?>(nil)
    private let isFull = Atomic(false)
    /// Keeps the ledger of the store's purges alive.
    let purgeLedger = Mutex<PurgeLedger?>(nil)

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - client: The client of the server.
    ///   - settings: Names and limits.
    ///   - coder: Encodes the entries and seals them if it has a seal.
    ///   - timeSource: The clock that entries expire by.
    public init(
        _ client: RedisClient,
        settings: RedisStoreSettings = RedisStoreSettings(),
        coder: EntryCoder = EntryCoder(),
        timeSource: any TimeSource = SystemTimeSource()
    ) {
        settings.check()
        self.client = client
        self.settings = settings
        self.coder = coder
        self.timeSource = timeSource
        lookUp = CommandTemplate(["MGET"], prefix: settings.prefix + "entry:", after: [settings.prefix + "clock"])
        variantWriter = VariantWriter(client: client, settings: settings, coder: coder)
        clockKey = .text(settings.prefix + "clock")
        purgesKey = .text(settings.prefix + "purges")
        beginning = RedisCommand([
            "EVAL", .text(StoreScripts.beginning), 2, clockKey, purgesKey,
        ])
        client.addHandshakeCommand(beginning)
        purgeLedger.withLock { $0 = .of(self) }
    }

    /// The bound on each operation: slightly less than the client's `RedisClientSettings.commandTimeout`.
    public var operationTimeout: Duration? { client.settings.replyTimeout }

    /// True.
    public var recordsPurges: Bool { true }

    /// Returns the entry for a key, or nil.
    ///
    /// A look-up takes one round trip, and a second one the first time an entry is looked up after any purge.
    ///
    /// - Throws: `RedisError`, and `EntryDecodingError` if the stored value is not a valid entry.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        try await lookUp(key).entry
    }

    /// Returns the entry for a key and the mark of the latest purge, which is part of the same reply.
    ///
    /// - Throws: The errors of ``entry(for:)``.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        let start = ContinuousClock.now
        if isPrepared, let found = try await lookUp(key, since: start) { return found }
        return try await prepared(since: start) { [self] in
            // nil a second time: the connections lead to different servers, neither of which may know all purges.
            try await lookUp(key, since: start) ?? StoreLookup(entry: nil)
        }
    }

    /// Looks up an entry, and checks it against the purges if there have been any since it was last valid.
    ///
    /// - Returns: nil if the server's epoch is not confirmed. The caller must verify the server and repeat the look-up.
    private func lookUp(_ key: CacheKey, since start: ContinuousClock.Instant) async throws -> StoreLookup? {
        let reply = try await client.send(RedisCommand(lookUp, high: key.high, low: key.low), isIdempotent: true)
        guard case .array(let parts) = reply, parts.count == 2 else { throw RedisError.unexpectedReply }
        let clock = StoreClock(parts[1])
        if let clock, !trusts(clock.epoch) { return nil }
        var found = StoreLookup(entry: nil, mark: clock?.mark)
        guard case .bytes(let bytes) = parts[0] else { return found }
        let record = try EntryRecord(bytes)
        if record.isCurrent(at: clock) {
            // There were no purges since the entry was last known to be valid.
            found.entry = try entry(of: record, for: key)
        } else {
            let checked = try await client.withRemainingTime(since: start) { [self] in try await checkedEntry(for: key)
            }
            guard let checked else { return nil }
            found.entry = checked.entry
        }
        return found
    }

    /// Returns the entry unless a purge selects it.
    ///
    /// - Returns: The result of ``lookUp(_:since:)``, without a mark.
    private func checkedEntry(for key: CacheKey) async throws -> StoreLookup? {
        let reply = try await StoreScripts.read.run(
            on: client, keys: [clockKey, purgesKey, entryKey(key)], isIdempotent: true)
        if case .null = reply { return StoreLookup(entry: nil) }
        guard case .array(let parts) = reply, parts.count == 3, case .bytes(let bytes) = parts[0],
            case .integer(let staleFor) = parts[1], case .bytes(let name) = parts[2],
            let epoch = name.getInteger(at: name.readerIndex, as: UInt64.self)
        else { throw RedisError.unexpectedReply }
        guard trusts(epoch) else { return nil }
        var entry = try entry(of: EntryRecord(bytes), for: key)
        if staleFor >= 0 { entry?.makeStale(at: timeSource.now + .microseconds(-staleFor)) }
        return StoreLookup(entry: entry)
    }

    /// Returns whether the server has confirmed an epoch. If not, the store verifies the server before its next operation.
    private func trusts(_ epoch: UInt64) -> Bool {
        let trusted = trustedEpoch.load(ordering: .acquiring)
        guard epoch != trusted else { return true }
        _ = trustedEpoch.compareExchange(expected: trusted, desired: 0, ordering: .acquiringAndReleasing)
        return false
    }

    private func entry(of record: EntryRecord, for key: CacheKey) throws -> CacheEntry? {
        let entry = try coder.decode(record.entry, for: key)
        guard !entry.hasExpired(at: timeSource.now) else { return nil }
        variantWriter.observeVariants(of: entry, for: key, in: record)
        return entry
    }

    /// Returns the mark of the latest purge.
    ///
    /// - Throws: `RedisError`.
    public func purgeMark() async throws -> PurgeMark {
        let start = ContinuousClock.now
        guard isPrepared else {
            return try await prepared(since: start) { [self] in try await purgeMark(since: start) }
        }
        return try await purgeMark(since: start)
    }

    private func purgeMark(since start: ContinuousClock.Instant) async throws -> PurgeMark {
        if let clock = StoreClock(try await client.send(["GET", clockKey], isIdempotent: true)) { return clock.mark }
        // The clock is missing: the server is empty or has evicted it.
        let reply = try await client.withRemainingTime(since: start) { [self] in
            try await StoreScripts.mark.run(on: client, keys: [clockKey, purgesKey], isIdempotent: true)
        }
        guard let clock = StoreClock(reply) else { throw RedisError.unexpectedReply }
        return clock.mark
    }

    /// Stores an entry, unless it was purged since the mark, is too large, or the server is out of memory.
    ///
    /// - Returns: Whether the entry was stored.
    /// - Throws: `RedisError`, and any error of the coder.
    @discardableResult
    public func store(
        _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool {
        let labels = PurgeLabels(of: entry, under: key)
        let record = EntryRecord.encoded(try coder.encode(entry, for: key), labels: labels)
        let isTooLarge = record.readableBytes > settings.entryByteLimit || labels.count > PurgeLabels.limit
        let digits = StoreClock.digits(of: mark)
        let arguments: [RedisCommand.Argument] = [
            .bytes(isTooLarge ? ByteBuffer() : record),
            .text(digits.number),
            .integer(lifetime(of: entry)),
            .text(channel),
            .bytes(StoreChange(selection: .key(key), mode: .hard).encoded),
            .text(digits.epoch),
        ]
        let reply = try await prepared(since: .now) { [self] in
            try await StoreScripts.store.run(
                on: client, keys: [clockKey, purgesKey, entryKey(key)], arguments: arguments,
                // A retry could replace a newer entry.
                isIdempotent: false)
        }
        guard case .integer(let result) = reply else { throw RedisError.unexpectedReply }
        note(isFull: result < 0)
        return result == 1
    }

    // MARK: Names

    /// The channel that changes are published on.
    var channel: String { settings.prefix + "changes" }

    func entryKey(_ key: CacheKey) -> RedisCommand.Argument { settings.entryKey(key) }

    // MARK: Details

    /// Returns the lifetime of an entry in Redis, in milliseconds.
    private func lifetime(of entry: CacheEntry) -> Int64 {
        // A century avoids overflows in the server and in the conversion.
        let limit = min(settings.lifetimeLimit, .seconds(100 * 365 * 86_400))
        let lifetime = entry.expiresAt.map { min($0 - timeSource.now, limit) } ?? limit
        let (seconds, attoseconds) = lifetime.components
        // Rounded up: look-ups compare the exact expiration time.
        return max(1, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    private func note(isFull: Bool) {
        guard self.isFull.exchange(isFull, ordering: .relaxed) != isFull else { return }
        if isFull {
            client.logger.warning(
                "Redis is out of memory, responses are not stored; set maxmemory-policy to allkeys-lru or allkeys-lfu",
                metadata: ["endpoint": "\(client.endpoint)"])
        } else {
            client.logger.info(
                "Redis accepts writes again", metadata: ["endpoint": "\(client.endpoint)"])
        }
    }
}

extension RedisStore: PurgeRetryingStore {}
