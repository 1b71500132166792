public import CacheMiddleware
public import KeyConstructor
package import NIOCore
import RedisTransport
public import ServiceLifecycle
import Synchronization

/// A store with a memory tier in each instance in front of a shared Redis server.
///
/// ```swift
/// let client = try RedisClient(url: "redis://localhost:6379/0")
/// let store = TieredStore(memory: MemoryStore(byteLimit: 64 << 20), shared: RedisStore(client))
/// application.addServices(client, store)
/// ```
///
/// A hit in the memory tier costs as much as with a `MemoryStore`. Each write and purge is published to the other instances, which
/// invalidate their copies: until the message arrives, they may serve an entry that another instance has purged. The instance that
/// purges an entry does not serve it any more.
///
/// The memory tier is used only while the instance is subscribed to changes, which requires ``run()``. Otherwise, or while the server is
/// unreachable, every look-up goes to the server. After an interruption the tier is emptied before it is used again, because messages may
/// have been lost. An instance that loses its connection unnoticed detects it after `RedisClientSettings.heartbeatInterval` and twice
/// `commandTimeout`: it publishes a heartbeat to itself, and must receive it.
public final class TieredStore: LockingCacheStore, Service {
    /// The memory tier.
    public let memory: MemoryStore
    /// The shared store.
    public let shared: RedisStore

    private let settings: TieredStoreSettings
    /// Applies the changes of other instances to the memory tier.
    private let changes: ChangeQueue
    /// Keeps the ledger of the store's purges alive.
    private let purgeLedger = Mutex<PurgeLedger?>(nil)
    /// The number of the last received heartbeat.
    private let lastHeartbeat = Atomic<UInt64>(0)
    /// The channel for heartbeats, which only this instance subscribes to.
    private let ownChannel: String

    /// Creates a store.
    ///
    /// - Parameters:
    ///   - memory: The memory tier. It must not be used by other stores or middleware.
    ///   - shared: The store that all instances share.
    ///   - settings: Settings of the memory tier.
    public convenience init(
        memory: MemoryStore, shared: RedisStore, settings: TieredStoreSettings = TieredStoreSettings()
    ) {
        self.init(memory: memory, shared: shared, settings: settings, changes: ChangeQueue(for: memory))
    }

    init(memory: MemoryStore, shared: RedisStore, settings: TieredStoreSettings, changes: ChangeQueue) {
        precondition(
            settings.memoryLifetime > .zero,
            "memoryLifetime must be greater than 0, not \(settings.memoryLifetime)")
        self.memory = memory
        self.shared = shared
        self.settings = settings
        self.changes = changes
        ownChannel = "\(shared.channel):\(UInt64.random(in: .min ... .max))"
        purgeLedger.withLock { $0 = .of(self) }
    }

    /// Subscribes to the changes of other instances until the graceful shutdown or the cancellation of the task.
    public func run() async {
        let client = shared.client
        let subscription = client.subscribe(to: [shared.channel, ownChannel], delegate: self)
        await cancelWhenGracefulShutdown { [self] in
            while (try? await Task.sleep(for: client.settings.heartbeatInterval)) != nil {
                guard isHearingChanges, await !receivesOwnMessage() else { continue }
                subscription.restart()
            }
        }
        await subscription.shutDown()
    }

    /// Whether this instance is subscribed to the changes of others and uses its memory tier.
    public var isHearingChanges: Bool { changes.isListening }

    /// Publishes a heartbeat and returns whether the subscription delivers it: the subscription may be connected to a server that is no
    /// longer the primary.
    ///
    /// Also verifies that the server accepts writes. This accesses the numbers of the purges, which keeps the server from evicting them
    /// while the memory tier serves every request.
    private func receivesOwnMessage() async -> Bool {
        let number = UInt64.random(in: 1 ... .max)
        async let verified: Void = shared.verifyServer()
        let published = try? await shared.client.send(
            ["PUBLISH", .text(ownChannel), .bytes(StoreChange.heartbeat(number))], isIdempotent: true)
        guard published != nil, (try? await verified) != nil else { return false }
        let timeout = shared.client.settings.commandTimeout
        for _ in 0..<20 {
            if lastHeartbeat.load(ordering: .acquiring) == number { return true }
            guard (try? await Task.sleep(for: timeout / 20)) != nil else { return true }
        }
        return lastHeartbeat.load(ordering: .acquiring) == number
    }

    /// The bound on each operation of the shared store.
    public var operationTimeout: Duration? { shared.operationTimeout }

    /// True.
    public var recordsPurges: Bool { true }

    /// Returns the entry for a key, from memory or from the server.
    ///
    /// - Throws: The errors of ``RedisStore/entry(for:)``.
    public func entry(for key: CacheKey) async throws -> CacheEntry? {
        if let entry = memory.entry(for: key) { return entry }
        return try await lookUpBehindMemory(key).entry
    }

    /// Returns the entry for a key, and the mark of the latest purge if the entry came from the server.
    ///
    /// - Throws: The errors of ``RedisStore/lookUp(_:)``.
    public func lookUp(_ key: CacheKey) async throws -> StoreLookup {
        if let entry = memory.entry(for: key) { return StoreLookup(entry: entry) }
        return try await lookUpBehindMemory(key)
    }

    /// Returns the mark of the latest purge.
    ///
    /// - Throws: `RedisError`.
    public func purgeMark() async throws -> PurgeMark {
        try await shared.purgeMark()
    }

    /// Stores an entry in the server. The next look-up keeps it in memory.
    ///
    /// - Returns: Whether the entry was stored.
    /// - Throws: The errors of ``RedisStore/store(_:for:unlessPurgedSince:)``.
    @discardableResult
    public func store(
        _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
    ) async throws -> Bool {
        // Not kept in memory: only the server knows which of two concurrent writes is the later one.
        memory.removeEntry(for: key)
        defer { memory.removeEntry(for: key) }
        return try await shared.store(entry, for: key, unlessPurgedSince: mark)
    }

    /// Purges the selected entries in the server, in memory, and in the memory of the other instances.
    ///
    /// - Returns: nil, because the entries are not counted.
    /// - Throws: `RedisError`. The entries in memory are purged nevertheless.
    @discardableResult
    public func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
        purgeLedger.withLock { $0 }?.add()
        // Purged at once, even if the server fails, and again afterwards to reject entries that were read from the server before.
        await memory.purge(selection, mode: mode)
        let result: Result<Int?, any Error>
        do { result = .success(try await shared.purge(selection, mode: mode)) } catch { result = .failure(error) }
        await memory.purge(selection, mode: mode)
        return try result.get()
    }

    /// Acquires the lock of a key unless another owner holds it.
    ///
    /// - Returns: Whether the lock was acquired.
    /// - Throws: `RedisError`.
    public func acquireLock(for key: CacheKey, owner: String, duration: Duration) async throws -> Bool {
        try await shared.acquireLock(for: key, owner: owner, duration: duration)
    }

    /// Releases the lock of a key if the owner still holds it.
    ///
    /// - Throws: `RedisError`.
    public func releaseLock(for key: CacheKey, owner: String) async throws {
        try await shared.releaseLock(for: key, owner: owner)
    }
}

extension TieredStore: TieredCacheStore {
    /// The tier in memory.
    public var memoryTier: MemoryStore { memory }

    /// Looks up a key in the server and stores the entry in the tier in memory.
    ///
    /// - Throws: `RedisError`.
    public func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup {
        // Taken before the look-up: a purge from now on keeps its result out of memory.
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

extension TieredStore: SubscriptionDelegate {
    package func subscriptionStarted() {
        // Look-ups in progress keep nothing in memory: their entries are older than the emptied tier.
        changes.begin()
    }

    package func subscriptionEnded() {
        changes.end(empties: !settings.servesWhileCutOff)
    }

    package func received(_ message: ByteBuffer) {
        if let number = StoreChange.heartbeat(of: message) {
            // Recorded at once, ahead of changes that are still being applied: an instance that is busy with a long purge is connected.
            lastHeartbeat.store(number, ordering: .releasing)
        } else {
            // An unknown message may come from another version of the package and purge anything.
            changes.append(StoreChange(message) ?? StoreChange(selection: .everything, mode: .hard))
        }
    }
}

extension TieredStore: CacheStatisticsProvider {
    /// The statistics of the memory tier, and `memory_tier`: 1 while the tier is in use, otherwise 0.
    public func cacheStatistics() -> [(name: String, value: Int)] {
        [("memory_tier", isHearingChanges ? 1 : 0)] + memory.cacheStatistics()
    }
}

extension TieredStore: PurgeRetryingStore {}

/// The settings of a ``TieredStore``.
public struct TieredStoreSettings: Sendable {
    /// The maximum time that an entry stays in memory. Default: 60 seconds.
    ///
    /// It bounds how long a purged entry can be served if its message is lost.
    public var memoryLifetime: Duration = .seconds(60)

    /// Whether the memory tier is used while the subscription to changes is interrupted, for ``memoryLifetime`` at most. Default: false.
    ///
    /// If true, hot entries are served during an outage of the server, including entries that another instance purges meanwhile. Either
    /// way the tier is emptied when the subscription is restored.
    public var servesWhileCutOff = false

    /// Creates settings with the default values.
    public init() {}
}
