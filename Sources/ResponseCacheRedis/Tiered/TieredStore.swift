public import CacheMiddleware
public import KeyConstructor
import NIOCore
public import ServiceLifecycle
import Synchronization

/// Keeps answers in a Redis server for all instances of a service, and in front of it in the memory of each.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let store = TieredStore(memory: MemoryStore(byteLimit: 64 << 20), shared: RedisStore(client))
/// application.addServices(client, store)
/// ```
///
/// A hit in memory costs what it costs with a `MemoryStore`. A write or purge of one instance is told to all others, and each
/// forgets, or makes stale, what it has of it: an answer that was purged elsewhere is given for as long as the message travels. The
/// instance that purged does not give it at all.
///
/// The tier in memory is used only while the instance hears the others, which needs ``run()``: without it, or while the server
/// cannot be reached, the store is like the server's alone. What was missed is not guessed: the tier is emptied before it is used
/// again. An instance that was cut off without a sign of it notices after `RedisClientSettings.heartbeatInterval` and twice
/// `commandTimeout`: it publishes to itself, and has to hear it.
public final class TieredStore: LockingCacheStore, Service {
    /// The tier in memory.
    public let memory: MemoryStore
    /// The store behind it.
    public let shared: RedisStore

    private let settings: TieredStoreSettings
    /// Applies the changes that other instances make to the tier in memory.
    private let changes: ChangeQueue
    /// Keeps the count of purges for as long as the store lives.
    private let purgeLedger = Mutex<PurgeLedger?>(nil)
    /// The number of the heartbeat that was heard last.
    private let heard = Atomic<UInt64>(0)
    /// Where nobody else listens.
    private let ownChannel: String

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - memory: The tier in memory. Nothing else uses it.
    ///   - shared: The store that the instances share.
    ///   - settings: How the tier in memory is used.
    public convenience init(
        memory: MemoryStore, shared: RedisStore, settings: TieredStoreSettings = TieredStoreSettings()
    ) {
        self.init(memory: memory, shared: shared, settings: settings, changes: ChangeQueue(for: memory))
    }

    init(memory: MemoryStore, shared: RedisStore, settings: TieredStoreSettings, changes: ChangeQueue) {
        precondition(
            settings.memoryLifetime > .zero,
            "memoryLifetime is a duration above 0, not \(settings.memoryLifetime)")
        self.memory = memory
        self.shared = shared
        self.settings = settings
        self.changes = changes
        ownChannel = "\(shared.channel):\(UInt64.random(in: .min ... .max))"
        purgeLedger.withLock { $0 = .of(self) }
    }

    /// Hears what other instances change, until the graceful shutdown or the end of the task.
    public func run() async {
        let connector = shared.client.connector
        let observer = LinkObserver(
            channels: [shared.channel, ownChannel],
            subscribed: { [weak self] in self?.subscribed($0) },
            received: { [weak self] in self?.received($0) }
        )
        let connection = RedisConnection(
            connector, on: shared.client.eventLoopGroup.next(), observer: observer, onHang: {})
        connection.connect()
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: connector.settings.heartbeatInterval)) != nil {
                guard isHearingChanges, await !hearsItself() else { continue }
                connection.suspect()
            }
        }
        await connection.shutDown()
    }

    /// Whether this instance hears what the others change, and uses its tier in memory.
    public var isHearingChanges: Bool { changes.isListening }

    /// Publishes a message as purges are published, and finds out whether it is heard: a connection that is alive may be one to a
    /// server that is not written to any more.
    ///
    /// The server has to be one that takes writes, too. That look also keeps the numbers of the purges from being evicted while the
    /// tier in memory answers every request.
    private func hearsItself() async -> Bool {
        let number = UInt64.random(in: 1 ... .max)
        async let verified: Void = shared.verifyServer()
        let published = try? await shared.client.send(
            ["PUBLISH", .text(ownChannel), .bytes(StoreChange.heartbeat(number))], isRepeatable: true)
        guard published != nil, (try? await verified) != nil else { return false }
        let timeout = shared.client.connector.settings.commandTimeout
        for _ in 0..<20 {
            if heard.load(ordering: .acquiring) == number { return true }
            guard (try? await Task.sleep(for: timeout / 20)) != nil else { return true }
        }
        return heard.load(ordering: .acquiring) == number
    }

    private func subscribed(_ begins: Bool) {
        // Look-ups that are under way keep nothing of what they find: it is from before the tier is emptied.
        if begins { changes.begin() } else { changes.end(empties: !settings.servesWhileCutOff) }
    }

    private func received(_ message: ByteBuffer) {
        if let number = StoreChange.heartbeat(of: message) {
            // Does not wait for changes that are being applied: it shows that messages arrive, and an instance that is busy with a
            // long purge is not cut off.
            heard.store(number, ordering: .releasing)
        } else {
            // One that is not understood may be of another version, and can mean anything.
            changes.append(StoreChange(message) ?? StoreChange(selection: .everything, mode: .hard))
        }
    }

    /// As long as the server's.
    public var operationTimeout: Duration? { shared.operationTimeout }

    /// The entry under `key`, from memory or from the server.
    ///
    /// - Throws: What ``RedisStore/entry(for:)`` throws.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        if let entry = memory.entry(for: key) { return entry }
        return try await lookUpBehindMemory(key).entry
    }

    /// What ``entry(for:)`` returns, and the number of the latest purge when the server was asked.
    ///
    /// - Throws: What ``RedisStore/lookUp(_:)`` throws.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        if let entry = memory.entry(for: key) { return StoreLookup(entry: entry) }
        return try await lookUpBehindMemory(key)
    }

    /// The number of the latest purge.
    ///
    /// - Throws: ``RedisError``.
    public func purgeMark() async throws -> PurgeMark {
        try await shared.purgeMark()
    }

    /// Keeps `entry` in the server; the next look-up takes it into memory.
    ///
    /// - Returns: Whether it is kept.
    /// - Throws: What ``RedisStore/store(_:for:unlessPurgedSince:)`` throws.
    @discardableResult
    public func store(
        _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool {
        // Not kept here: of two that are stored at the same time only the server knows which is the later one.
        memory.removeEntry(for: key)
        defer { memory.removeEntry(for: key) }
        return try await shared.store(entry, for: key, unlessPurgedSince: mark)
    }

    /// Purges the selected entries in the server, in memory, and in the memory of the other instances.
    ///
    /// - Returns: nil: they are not counted.
    /// - Throws: ``RedisError``. They are purged in memory all the same.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        purgeLedger.withLock { $0 }?.add()
        // At once, whatever becomes of the server, and once more after it: what was read there before is not kept any more.
        await memory.purge(selection, mode: mode)
        let result: Result<Int?, any Error>
        do { result = .success(try await shared.purge(selection, mode: mode)) } catch { result = .failure(error) }
        await memory.purge(selection, mode: mode)
        return try result.get()
    }

    /// Takes the lock of a key, if nobody has it.
    ///
    /// - Returns: Whether the owner has the lock now.
    /// - Throws: ``RedisError``.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
        try await shared.acquireLock(for: key, owner: owner, duration: duration)
    }

    /// Gives the lock of a key back, if the owner still has it.
    ///
    /// - Throws: ``RedisError``.
    public func releaseLock(for key: CacheKey, owner: String) async throws {
        try await shared.releaseLock(for: key, owner: owner)
    }
}

extension TieredStore: TieredCacheStore {
    package var memoryTier: MemoryStore { memory }

    package func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup {
        // Before the server is asked: a purge from now on keeps out of memory what it answers.
        let mark = memory.purgeMark()
        let isKept = isHearingChanges
        var found = try await shared.lookUp(key)
        if isKept, let entry = found.entry,
            let kept = memory.keep(entry, for: key, unlessPurgedSince: mark, upTo: settings.memoryLifetime)
        {
            found.entry = kept
        }
        return found
    }
}

extension TieredStore: CacheStatisticsProvider {
    /// The figures of the tier in memory, and whether it is in use (1) or not (0).
    public func cacheStatistics() -> [(name: String, value: Int)] {
        [("memory_tier", isHearingChanges ? 1 : 0)] + memory.cacheStatistics()
    }
}

extension TieredStore: PurgeRetryingStore {}
