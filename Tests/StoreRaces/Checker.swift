import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import ResponseCacheRedis
import Synchronization

/// Changes, purges, stores and looks up a few keys concurrently.
///
/// The current version of a key is a number in the server that one writer increments. After the following purge has returned, the writer
/// records the number as done. A task that reads this number and then looks up the key must not find an entry with a smaller number.
final class Checker: Sendable {
    private struct State {
        var lookUps = 0
        var hits = 0
        var purges = 0
        var stores = 0
        /// Entries that were too old.
        var wrong: [String] = []
        /// The longest time until a purge of another process was applied here.
        var longest: Duration = .zero
        /// For each key, when a number was first read as done.
        var seen: [Int: [(number: Int, at: ContinuousClock.Instant)]] = [:]
    }

    static let keyCount = 24

    private let store: any CacheStore
    private let client: RedisClient
    private let prefix: String
    /// The time that a purge of another process may take to apply here. Purges of this process apply at once.
    private let tolerance: Duration
    private let state = Mutex(State())
    /// Reads through a cache instead of the store.
    private let reused: ReusedResponses?

    init(_ store: any CacheStore, client: RedisClient, prefix: String, tolerance: Duration, isReusing: Bool = false) {
        reused =
            isReusing
            ? ReusedResponses(in: store) { number in
                try await Self.value(.text("\(prefix)truth:\(number)"), client)
            } : nil
        self.store = store
        self.client = client
        self.prefix = prefix
        self.tolerance = tolerance
    }

    var isRight: Bool {
        state.withLock { $0.wrong.isEmpty && $0.hits > 0 && $0.purges > 0 } && reused?.useCount != 0
    }

    var report: String {
        state.withLock { state in
            let wrong = state.wrong.isEmpty ? "" : "; wrong: " + state.wrong.prefix(5).joined(separator: ", ")
            return "\(state.lookUps) look-ups, \(state.hits) hits, \(state.stores) stored, \(state.purges) purges, "
                + "\(reused.map { "\($0.useCount) used again, " } ?? "")seen here after at most \(state.longest)\(wrong)"
        }
    }

    /// Runs for some time.
    func run(process: Int, of count: Int, for duration: Duration) async throws {
        let end = ContinuousClock.now + duration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for key in stride(from: process, to: Self.keyCount, by: count) {
                group.addTask { [self] in try await write(key, until: end) }
            }
            for _ in 0..<8 {
                group.addTask { [self] in try await read(asProcess: process, of: count, until: end) }
            }
            try await group.waitForAll()
        }
    }

    private func write(_ number: Int, until end: ContinuousClock.Instant) async throws {
        let key = reused == nil ? Self.key(number) : ReusedResponses.key(number) ?? Self.key(number)
        while ContinuousClock.now < end {
            let reply = try await client.send(["INCR", name("truth", number)], isIdempotent: false)
            guard case .integer(let version) = reply else { throw RedisError.unexpectedReply }
            let selections: [PurgeSelection] = [
                .tag("tag \(number)"), .key(key), .url("/data/\(number)"), .prefix("/data/\(number)"), .tag("all"),
                .everything,
            ]
            // Occasionally purges a selection of several keys.
            let selection = selections[Int.random(in: 0..<200) == 0 ? Int.random(in: 0..<6) : Int.random(in: 0..<4)]
            try await store.purge(selection, mode: Bool.random() ? .hard : .soft)
            state.withLock { $0.purges += 1 }
            _ = try await client.send(["SET", name("done", number), .integer(version)], isIdempotent: false)
            // Responses are used again only between two purges.
            let longest = reused == nil ? 60_000 : 400_000
            try await Task.sleep(for: .microseconds(Int.random(in: 0...longest)))
        }
    }

    private func read(asProcess process: Int, of count: Int, until end: ContinuousClock.Instant) async throws {
        while ContinuousClock.now < end {
            let number = Int.random(in: 0..<Self.keyCount)
            let done = try await value(name("done", number))
            let seen = note(done, of: number)
            if let reused {
                let version = try await reused.version(of: number)
                state.withLock { $0.lookUps += 1 }
                check(version, of: number, done: done, isOwn: number % count == process, seenBefore: seen)
                continue
            }
            let found = try await store.lookUp(Self.key(number))
            state.withLock { $0.lookUps += 1 }
            if let entry = found.entry, entry.isFresh(at: SystemTimeSource().now) {
                let version = Int(String(buffer: entry.body)) ?? -1
                check(version, of: number, done: done, isOwn: number % count == process, seenBefore: seen)
            } else {
                try await recreate(number, since: found.mark)
            }
        }
    }

    /// The steps of a cache and a handler: take the mark unless the look-up returned it, read the current version, and store the entry.
    private func recreate(_ number: Int, since known: PurgeMark?) async throws {
        let mark = if let known { known } else { try await store.purgeMark() }
        let version = try await value(name("truth", number))
        if Bool.random() { try await Task.sleep(for: .microseconds(Int.random(in: 0...2000))) }
        let now = SystemTimeSource().now
        let entry = CacheEntry(status: .ok, body: ByteBuffer(string: "\(version)"), storedAt: now) {
            $0.freshUntil = now + .seconds(60)
            $0.expiresAt = now + .seconds(120)
            $0.tags = ["all", "tag \(number)"]
            $0.path = "/data/\(number)"
        }
        if try await store.store(entry, for: Self.key(number), unlessPurgedSince: mark) {
            state.withLock { $0.stores += 1 }
        }
    }

    /// Records the numbers that are done before the look-up.
    ///
    /// - Returns: When each number was first read as done.
    private func note(_ done: Int, of number: Int) -> [(number: Int, at: ContinuousClock.Instant)] {
        state.withLock { state in
            var seen = state.seen[number] ?? []
            if done > seen.last?.number ?? 0 { seen.append((done, .now)) }
            if seen.count > 2000 { seen.removeFirst(1000) }
            state.seen[number] = seen
            return seen
        }
    }

    private func check(
        _ version: Int, of number: Int, done: Int, isOwn: Bool,
        seenBefore seen: [(number: Int, at: ContinuousClock.Instant)]
    ) {
        state.withLock { $0.hits += 1 }
        guard version < done else { return }
        // The time since a later number was first read as done.
        let late = seen.first { $0.number > version }.map { ContinuousClock.now - $0.at } ?? .zero
        state.withLock { state in
            state.longest = max(state.longest, late)
            if isOwn || late > tolerance || tolerance == .zero {
                state.wrong.append("key \(number) is \(version) where \(done) was done \(late) before")
            }
        }
    }

    private func value(_ name: RedisCommand.Argument) async throws -> Int { try await Self.value(name, client) }

    private static func value(_ name: RedisCommand.Argument, _ client: RedisClient) async throws -> Int {
        guard case .bytes(let bytes) = try await client.send(["GET", name], isIdempotent: true) else { return 0 }
        return Int(String(buffer: bytes)) ?? 0
    }

    private func name(_ kind: String, _ number: Int) -> RedisCommand.Argument { .text("\(prefix)\(kind):\(number)") }

    private static func key(_ number: Int) -> CacheKey { CacheKey(digestOf: "race \(number)") }
}
