public import CacheMiddleware
public import HTTPPipeline
public import KeyConstructor
import Logging
import NIOCore
import Synchronization

/// Keeps answers in a Redis or Valkey server, for all instances of a service.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let store = RedisStore(client)
/// ```
///
/// A look-up is one command and one round trip. A purge writes one number down, whatever it selects and however many entries there
/// are; a look-up that begins when it has returned finds no purged entry, on any instance. What was purged is removed from the
/// server when it is looked up or when its time ends.
///
/// A purge that the server cannot be told of is tried again twice a second, and made before anything is looked up or stored, as long
/// as the instance that asked for it lives.
///
/// The server has to be one that all instances write to: no cluster. When it loses data, entries are missing and none comes back
/// that was purged. All that a server has when it is started again, or when a replica takes over, counts as purged: it may be from
/// before purges that the server does not know.
///
/// Entries in a server can be read and written by whoever can use it: see `EntrySeal`.
public final class RedisStore: LockingCacheStore {
    let client: RedisClient
    let settings: RedisStoreSettings
    let coder: EntryCoder
    let timeSource: any TimeSource

    private let lookUp: CommandTemplate
    private let clockKey: RedisCommand.Argument
    private let purgesKey: RedisCommand.Argument
    private let encodings: EncodingKeeper
    /// Is sent at the beginning of each connection, and first of all on one that was there before the store.
    private let beginning: RedisCommand
    /// The epoch of the numbers that were found to be those of this server; 0 before any were.
    ///
    /// What has another epoch may come from another server, through a snapshot or replication, and is not served before
    /// ``StoreScripts/beginning`` has looked.
    private let trustedEpoch = Atomic<UInt64>(0)
    private let backlog = PurgeBacklog()
    /// The task that makes what is in the backlog, while there is one.
    private let clearing = Mutex<Task<Void, any Error>?>(nil)
    private let isFull = Atomic(false)
    /// Keeps the count of purges for as long as the store lives.
    private let purgeLedger = Mutex<PurgeLedger?>(nil)

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - client: Whose server keeps the entries.
    ///   - settings: Names and limits.
    ///   - coder: Writes the entries, sealed if it has a seal.
    ///   - timeSource: Tells when entries expire.
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
        encodings = EncodingKeeper(client: client, settings: settings, coder: coder)
        clockKey = .text(settings.prefix + "clock")
        purgesKey = .text(settings.prefix + "purges")
        beginning = RedisCommand([
            "EVAL", .text(StoreScripts.beginning), 2, clockKey, purgesKey,
        ])
        client.connector.stores.add(beginning)
        purgeLedger.withLock { $0 = .of(self) }
    }

    /// ``RedisClientSettings/commandTimeout`` of the client, less what it keeps to be in time.
    public var operationTimeout: Duration? { client.connector.settings.replyTimeout }

    /// The entry under `key`, or nil. One round trip; a second one for the first look-up of an entry after a purge of anything.
    ///
    /// - Throws: ``RedisError``, and `EntryDecodingError` when what the server has is no entry.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        try await lookUp(key).entry
    }

    /// What ``entry(for:)`` returns, and the number of the latest purge, which comes with it.
    ///
    /// - Throws: As ``entry(for:)``.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        let start = ContinuousClock.now
        if isPrepared, let found = try await lookUp(key, since: start) { return found }
        return try await prepared(since: start) { [self] in
            // Connections to two servers take turns: neither is known to have all purges.
            try await lookUp(key, since: start) ?? StoreLookup(entry: nil)
        }
    }

    /// Asks the server once, and once more if the entry may be purged.
    ///
    /// - Returns: nil when the server has numbers that are not known to be its own. The store then has to begin.
    private func lookUp(_ key: CacheKey, since start: ContinuousClock.Instant) async throws -> StoreLookup? {
        let reply = try await client.send(RedisCommand(lookUp, key: key), isRepeatable: true)
        guard case .array(let parts) = reply, parts.count == 2 else { throw RedisError.unexpectedReply }
        let clock = StoreClock(parts[1])
        if let clock, !trusts(clock.epoch) { return nil }
        var found = StoreLookup(entry: nil, mark: clock?.mark)
        guard case .bytes(let bytes) = parts[0] else { return found }
        let record = try EntryRecord(bytes)
        if record.isCurrent(at: clock) {
            // Nothing was purged since the entry was known to be valid.
            found.entry = try entry(of: record, for: key)
        } else {
            let checked = try await client.finish(since: start) { [self] in try await checkedEntry(for: key) }
            guard let checked else { return nil }
            found.entry = checked.entry
        }
        return found
    }

    /// The entry, if no purge selects it.
    ///
    /// - Returns: As ``lookUp(_:since:)``, without a mark.
    private func checkedEntry(for key: CacheKey) async throws -> StoreLookup? {
        let reply = try await StoreScripts.read.run(
            on: client, keys: [clockKey, purgesKey, entryKey(key)], isRepeatable: true)
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

    /// Whether numbers of an epoch are known to be those of the server. If not, the store begins before its next operation.
    private func trusts(_ epoch: UInt64) -> Bool {
        let trusted = trustedEpoch.load(ordering: .acquiring)
        guard epoch != trusted else { return true }
        _ = trustedEpoch.compareExchange(expected: trusted, desired: 0, ordering: .acquiringAndReleasing)
        return false
    }

    private func entry(of record: EntryRecord, for key: CacheKey) throws -> CacheEntry? {
        let entry = try coder.decode(record.entry, for: key)
        guard !entry.hasExpired(at: timeSource.now) else { return nil }
        encodings.keep(of: entry, for: key, in: record)
        return entry
    }

    /// The number of the latest purge.
    ///
    /// - Throws: ``RedisError``.
    public func purgeMark() async throws -> PurgeMark {
        let start = ContinuousClock.now
        guard isPrepared else {
            return try await prepared(since: start) { [self] in try await purgeMark(since: start) }
        }
        return try await purgeMark(since: start)
    }

    private func purgeMark(since start: ContinuousClock.Instant) async throws -> PurgeMark {
        if let clock = StoreClock(try await client.send(["GET", clockKey], isRepeatable: true)) { return clock.mark }
        // The server knows nothing yet.
        let reply = try await client.finish(since: start) { [self] in
            try await StoreScripts.mark.run(on: client, keys: [clockKey, purgesKey], isRepeatable: true)
        }
        guard let clock = StoreClock(reply) else { throw RedisError.unexpectedReply }
        return clock.mark
    }

    /// Keeps `entry`, unless it was purged since the mark or is too large, or the server has no memory left.
    ///
    /// - Returns: Whether it is kept.
    /// - Throws: ``RedisError``, and what the coder throws.
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
                // An older answer would take the place of a newer one.
                isRepeatable: false)
        }
        guard case .integer(let result) = reply else { throw RedisError.unexpectedReply }
        note(isFull: result < 0)
        return result == 1
    }

    /// Purges the selected entries, in constant time.
    ///
    /// - Returns: nil: they are not counted.
    /// - Throws: ``RedisError``. The purge is then made later, see above.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        purgeLedger.withLock { $0 }?.add()
        let item = PurgeBacklog.Item(selection: selection.normalized, mode: mode)
        guard !item.selection.isEmpty else { return nil }
        do {
            // Who has waited too long goes on as if it had failed, and does not come back to note it.
            try await withTaskCancellationHandler {
                try await make(item)
            } onCancel: {
                makeLater(item)
            }
        } catch {
            makeLater(item)
            throw error
        }
        return nil
    }

    /// Whether nothing has to be done before entries are looked up, stored or purged: nearly always.
    private var isPrepared: Bool { hasBegun && backlog.isEmpty }

    private var hasBegun: Bool { trustedEpoch.load(ordering: .acquiring) != 0 }

    /// Does an operation when all is done that has to be done before it, in the time of one command together.
    private func prepared<Value: Sendable>(
        since start: ContinuousClock.Instant, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        if isPrepared { return try await operation() }
        return try await client.finish(since: start) { [self] in
            try await prepare()
            // Nobody waits for it any more, and it may be out of date.
            try Task.checkCancellation()
            return try await operation()
        }
    }

    private func prepare() async throws {
        try await begin()
        while !backlog.isEmpty {
            // One for all who wait for it.
            let task = clearing.withLock { clearing in
                if let task = clearing { return task }
                let task = Task {
                    defer { self.clearing.withLock { $0 = nil } }
                    try await clearBacklog()
                }
                clearing = task
                return task
            }
            try await task.value
        }
    }

    private func clearBacklog() async throws {
        for (item, number) in backlog.all {
            try await make(item)
            backlog.remove([item: number])
        }
    }

    /// Notes a purge that the server may not have got, and tries it again and again.
    private func makeLater(_ item: PurgeBacklog.Item) {
        guard backlog.add(item) else { return }
        Task { [weak self, backlog] in
            while !backlog.isRetryDone() {
                try? await Task.sleep(for: Self.retryPause)
                guard let self else { return }
                do {
                    try await prepare()
                } catch let error as RedisError where error == .shutDown {
                    return
                } catch {}
            }
        }
    }

    private static let retryPause: Duration = .milliseconds(500)

    private func begin() async throws {
        guard !hasBegun else { return }
        try await verifyServer()
    }

    /// Finds out whether the server is still the one that its numbers are of, and can be written to.
    ///
    /// - Throws: ``RedisError``. The connection has ended then if the server takes no writes.
    func verifyServer() async throws {
        guard case .bytes(let name) = try await client.send(beginning, isRepeatable: true),
            let epoch = name.getInteger(at: name.readerIndex, as: UInt64.self)
        else { throw RedisError.unexpectedReply }
        trustedEpoch.store(epoch, ordering: .releasing)
    }

    private func make(_ purge: PurgeBacklog.Item) async throws {
        guard hasBegun else {
            return try await client.finish(since: .now) { [self] in
                try await begin()
                try await make(purge)
            }
        }
        let (selection, mode) = (purge.selection, purge.mode)
        var keys = [clockKey, purgesKey]
        if case .key(let key) = selection, mode == .hard { keys.append(entryKey(key)) }
        _ = try await StoreScripts.purge.run(
            on: client,
            keys: keys,
            arguments: [
                mode == .hard ? "h" : "s",
                .bytes(PurgeLabels.label(of: selection)),
                .integer(Int64(settings.purgeLimit)),
                .text(channel),
                .bytes(StoreChange(selection: selection, mode: mode).encoded),
            ],
            isRepeatable: true
        )
    }

    // MARK: Names

    /// Where changes are published.
    var channel: String { settings.prefix + "changes" }

    private func entryKey(_ key: CacheKey) -> RedisCommand.Argument { settings.entryKey(key) }

    // MARK: Details

    /// For how many milliseconds the server keeps an entry.
    private func lifetime(of entry: CacheEntry) -> Int64 {
        // Many times longer than anything is kept, and far from what the server and a number can hold.
        let limit = min(settings.lifetimeLimit, .seconds(100 * 365 * 86_400))
        let lifetime = entry.expiresAt.map { min($0 - timeSource.now, limit) } ?? limit
        let (seconds, attoseconds) = lifetime.components
        // Rounded up: an entry asks its own clock too.
        return max(1, seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }

    private func note(isFull: Bool) {
        guard self.isFull.exchange(isFull, ordering: .relaxed) != isFull else { return }
        if isFull {
            client.connector.logger.warning(
                "Redis has no memory left and stores nothing: maxmemory-policy should be allkeys-lru or allkeys-lfu",
                metadata: ["endpoint": "\(client.endpoint)"])
        } else {
            client.connector.logger.info(
                "Redis has memory again", metadata: ["endpoint": "\(client.endpoint)"])
        }
    }
}

extension RedisStore: PurgeRetryingStore {}
