public import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
public import KeyConstructor
import NIOCore
import Synchronization

/// A randomized test of the guarantee of a purge, with interleaved requests, writes, purges, refreshes, failures and
/// steps of the clock.
///
/// A request that starts after a write or a purge has returned must not get a representation from before that write or
/// purge. Several tasks read and write a few resources through caches with one store. Every response has the version
/// that its handler has read, and the model compares it with the version of the latest completed write or purge.
///
/// ```swift
/// let violations = try await PurgeModel(seed: 1, store: store, key: ["path": .path]).run()
/// #expect(violations.isEmpty)
/// ```
public struct PurgeModel: Sendable {
    /// A number that determines the operations of each task. The system determines how they interleave.
    public let seed: UInt64
    /// The number of tasks.
    public var taskCount = 6
    /// The number of operations of each task.
    public var stepCount = 60
    /// Makes the store fail or recover, at random moments.
    public var changeFault: (@Sendable (_ fails: Bool) async -> Void)?
    /// The clock of timeouts and retries; a manual clock advances at random moments.
    public var clock: any Clock<Duration>

    private let store: any CacheStore
    private let key: KeyConstructor
    private let time: ManualTimeSource
    private let state = State()

    private static let resourceCount = 3

    /// Creates a model of caches with one store.
    ///
    /// - Parameters:
    ///   - seed: The number that determines the operations.
    ///   - store: The store of the caches.
    ///   - key: The key of the caches. Several paths may share a key, and a path may have several keys.
    ///   - time: The wall clock of the store.
    ///   - clock: The clock that measures timeouts and pauses.
    public init(
        seed: UInt64, store: any CacheStore, key: KeyConstructor, time: ManualTimeSource = ManualTimeSource(),
        clock: any Clock<Duration> = ManualClock()
    ) {
        self.seed = seed
        self.store = store
        self.key = key
        self.time = time
        self.clock = clock
    }

    /// Runs the operations and checks every response.
    ///
    /// - Returns: A description of each violation.
    public func run() async throws -> [String] {
        let background = BackgroundWork()
        let handler = handler(background)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<taskCount {
                group.addTask {
                    var random = SeededGenerator(seed: seed &* 1000 &+ UInt64(number))
                    var known: [String: Int] = [:]
                    for _ in 0..<stepCount { try await step(handler, &random, &known) }
                }
            }
            try await group.waitForAll()
        }
        await changeFault?(false)
        background.shutDown()
        await background.waitUntilIdle()
        return state.violations.withLock { $0 }
    }

    private func handler(_ background: BackgroundWork) -> Handler {
        var settings = CacheSettings.standard
        settings.lifetime = .seconds(20)
        settings.stale = StalePolicy(whileRevalidating: .seconds(10), ifError: .seconds(20), earlyRefresh: 1)
        settings.breaker = BreakerSettings(failureThreshold: 3, pause: .milliseconds(20))
        let tags = CacheTags.computed { exchange, _ in ["resource:\(Self.resource(of: exchange))"] }
        let runtime = CacheRuntime.testing(
            time, clock: clock, background: background, random: { .random(in: 0..<1) })
        // Two caches, like those of two routes, share the store.
        let pipelines = (0..<2).map { _ in
            Pipeline {
                ETagMiddleware()
                CacheResponseMiddleware(key: key, in: store, runtime: runtime) {
                    $0 = settings
                    $0.tags = tags
                }
            }.wrap { exchange in try await answer(exchange) }
        }
        return { exchange in try await pipelines[Bool.random() ? 0 : 1](exchange) }
    }

    private func answer(_ exchange: Exchange) async throws -> Reply {
        let resource = Self.resource(of: exchange)
        func pause() async { for _ in 0..<Int.random(in: 0..<4) { await Task.yield() } }
        await pause()
        guard exchange.request.method == .get else {
            let version = state.write(resource)
            await pause()
            return .testing("\(version)")
        }
        let version = state.version(of: resource)
        await pause()
        guard Int.random(in: 0..<10) > 0 else { return .testing("failed", status: .serviceUnavailable) }
        return .testing("\(resource) \(version)", fields: [.eTag: "\"\(resource)-\(version)\""])
    }

    private func step(
        _ handler: Handler, _ random: inout SeededGenerator, _ known: inout [String: Int]
    ) async throws {
        let resource = "r\(Int.random(in: 0..<Self.resourceCount, using: &random))"
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<12: try await read(resource, handler, &random, &known)
        case 12..<15:
            let target = Self.spelling(of: resource, &random)
            let reply = try await handler(.testing(.put, target))
            if let version = Int(try await reply.text()) { state.complete(resource, version) }
        case 15..<17: await purge(resource, &random)
        case 17:
            time.advance(by: .seconds(Int.random(in: 1...15, using: &random)))
        case 18:
            (clock as? ManualClock)?.advance(by: .milliseconds(Int.random(in: 1...600, using: &random)))
        default: await changeFault?(Bool.random(using: &random))
        }
    }

    private func read(
        _ resource: String, _ handler: Handler, _ random: inout SeededGenerator, _ known: inout [String: Int]
    ) async throws {
        var exchange = Exchange.testing(.get, Self.spelling(of: resource, &random))
        exchange.language = Bool.random(using: &random) ? "en" : "de"
        if let version = known[resource], Bool.random(using: &random) {
            exchange.request.headerFields[.ifNoneMatch] = "\"\(resource)-\(version)\""
        }
        let floor = state.floor(of: resource)
        let reply = try await handler(exchange)
        let status = reply.headerFields[HTTPField.Name("Cache-Status")!] ?? ""
        switch reply.status {
        case .serviceUnavailable: return
        case .notModified:
            guard let version = known[resource] else { return state.report("304 without a condition") }
            if version < floor { state.report("304 for version \(version) of \(resource), not \(floor): \(status)") }
        default:
            let text = try await reply.text()
            let parts = text.split(separator: " ")
            guard parts.count == 2, parts[0] == resource, let version = Int(parts[1]) else {
                return state.report("'\(text)' for \(resource): \(status)")
            }
            if version < floor { state.report("version \(version) of \(resource), not \(floor): \(status)") }
            known[resource] = version
        }
    }

    private func purge(_ resource: String, _ random: inout SeededGenerator) async {
        // A purge may also select other resources; this is not a violation.
        let selection: PurgeSelection
        switch Int.random(in: 0..<8, using: &random) {
        case 0..<3: selection = .url(Self.spelling(of: resource, &random))
        case 3..<6: selection = .tag("resource:\(resource)")
        case 6: selection = .prefix("/items")
        default: selection = .everything
        }
        let isHard = Int.random(in: 0..<4, using: &random) > 0
        let version = state.write(resource)
        do {
            _ = try await store.purge(selection, mode: isHard ? .hard : .soft)
            if isHard { state.complete(resource, version) }
        } catch {
            // A failed purge gives its caller no guarantee, so the version is not completed.
        }
    }

    private static func spelling(of resource: String, _ random: inout SeededGenerator) -> String {
        let paths = ["/items/\(resource)", "//items/\(resource)/", "/items/%72\(resource.dropFirst())"]
        let queries = ["", "", "?", "?utm_source=x", "?utm_source=y", "?a=1&b=2", "?b=2&a=1"]
        return paths[Int.random(in: 0..<paths.count, using: &random)]
            + queries[Int.random(in: 0..<queries.count, using: &random)]
    }

    private static func resource(of exchange: Exchange) -> String {
        let path = CacheEntry.normalizedPath(exchange.request.path ?? "")
        return String(path.split(separator: "/").last ?? "")
    }
}

extension PurgeModel {
    /// The versions of the resources, and the violations.
    private final class State: Sendable {
        private let versions = Mutex<[String: Int]>([:])
        private let floors = Mutex<[String: Int]>([:])
        let violations = Mutex<[String]>([])

        func version(of resource: String) -> Int { versions.withLock { $0[resource] ?? 0 } }

        func write(_ resource: String) -> Int {
            versions.withLock { versions in
                versions[resource, default: 0] += 1
                return versions[resource] ?? 0
            }
        }

        /// Returns the lowest version that a request starting now may get.
        func floor(of resource: String) -> Int { floors.withLock { $0[resource] ?? 0 } }

        func complete(_ resource: String, _ version: Int) {
            floors.withLock { $0[resource] = max($0[resource] ?? 0, version) }
        }

        func report(_ violation: String) { violations.withLock { $0.append(violation) } }
    }
}

/// A generator of random numbers that are the same for the same seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
