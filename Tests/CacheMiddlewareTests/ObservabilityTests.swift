import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import InMemoryTracing
import KeyConstructor
import Logging
import MetricsTestKit
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct ObservabilityTests {
    /// A logger that records its lines.
    final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func append(_ line: String) { lines.withLock { $0.append(line) } }
    }

    struct Handler: LogHandler {
        let lines: Lines
        var logLevel = Logger.Level.debug
        var metadata: Logger.Metadata = [:]
        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }
        func log(event: LogEvent) {
            let metadata = (event.metadata ?? [:]).sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
            lines.append("\(event.level) \(event.message) \(metadata.joined(separator: " "))")
        }
    }

    /// A cached handler that is observed.
    struct Observed {
        let metrics = TestMetrics()
        let tracer = InMemoryTracer()
        let lines = Lines()
        let clock = ManualClock()
        let store: any CacheStore
        let handler: HTTPPipeline.Handler

        init(store: (any CacheStore)? = nil, traces: Bool = false, level: Logger.Level = .debug) {
            let (time, clock) = (ManualTimeSource(), clock)
            let store = store ?? MemoryStore(byteLimit: 1 << 20, timeSource: time)
            self.store = store
            let handler = ObservabilityTests.Handler(lines: lines, logLevel: level)
            var runtime = CacheRuntime.testing(
                time, clock: clock, logger: Logger(label: "test", factory: { _ in handler }))
            runtime.metrics = metrics
            if traces { runtime.tracer = tracer }
            let observed = runtime
            self.handler = Pipeline {
                CacheResponseMiddleware(.minutes(1), in: store, runtime: observed) { $0.purgesTags = ["a"] }
            }.wrap { exchange in
                clock.advance(by: .seconds(2))
                return .testing("a", fields: exchange.request.path == "/private" ? [.cacheControl: "private"] : [:])
            }
        }

        func count(_ label: String, _ dimensions: (String, String)...) -> Int64 {
            let dimensions = [("cache", "ResponseCache")] + dimensions
            return (try? metrics.expectCounter("response_cache_\(label)", dimensions))?.totalValue ?? -1
        }
    }

    @Test func `Invalid bytes are counted as a miss, not a failure`() async throws {
        /// A store of bytes whose seals are broken.
        final class Bytes: CacheStore {
            let lookUps = HandlerCounter()
            func entry(for key: CacheKey) async throws -> CacheEntry? {
                lookUps.increment()
                throw lookUps.count % 2 == 0 ? EntryDecodingError.wrongSeal : .damaged
            }
            func purgeMark() async throws -> PurgeMark { PurgeMark(rawValue: 0) }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool { true }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? { nil }
        }
        let store = Bytes()
        let observed = Observed(store: store)
        for _ in 0..<20 { #expect(try await observed.handler(.testing()).text() == "a") }
        #expect(store.lookUps.count >= 20, "the breaker is closed")
        #expect(observed.count("entries_rejected_total", ("reason", "wrong-seal")) >= 10)
        #expect(observed.count("entries_rejected_total", ("reason", "damaged")) >= 10)
        #expect(observed.count("store_errors_total", ("operation", "read")) <= 0)
        #expect(observed.lines.all.contains { $0.contains("cache entry rejected") })
    }

    @Test func `Requests, stores, refusals, purges and failures are counted`() async throws {
        let observed = Observed()
        for target in ["/", "/", "/private"] { _ = try await observed.handler(.testing(.get, target)) }
        _ = try await observed.handler(.testing(.put))
        _ = try await observed.handler(.testing(fields: [.authorization: "x"]))
        #expect(observed.count("requests_total", ("outcome", "hit")) == 1)
        #expect(observed.count("requests_total", ("outcome", "miss")) == 2)
        #expect(observed.count("requests_total", ("outcome", "method")) == 1)
        #expect(observed.count("requests_total", ("outcome", "bypass")) == 1)
        #expect(observed.count("stored_total") == 1)
        #expect(observed.count("refused_total", ("reason", "private")) == 1)
        #expect(observed.count("refused_total", ("reason", "credentials")) == 1)
        #expect(observed.count("purges_total") == 2)
        let failing = Observed(store: FailingStore())
        _ = try await failing.handler(.testing())
        #expect(failing.count("store_errors_total", ("operation", "read")) == 1)
        #expect(failing.count("store_errors_total", ("operation", "mark")) == 1)
    }

    @Test func `Durations and store sizes are recorded`() async throws {
        let observed = Observed()
        for _ in 0..<2 { _ = try await observed.handler(.testing()) }
        for (step, count) in [("key", 2), ("lookup", 2), ("handler", 1), ("store", 1), ("wait", 0)] {
            let timer = try observed.metrics.expectTimer(
                "response_cache_step_seconds", [("cache", "ResponseCache"), ("step", step)])
            #expect(timer.values.count == count, "\(step)")
            if step == "handler" { #expect(timer.lastValue == 2_000_000_000) }
        }
        let entries = try observed.metrics.expectGauge(
            "response_cache_store_entries", [("cache", "ResponseCache")])
        #expect(entries.lastValue == 1)
    }

    @Test func `A look-up behind the tier in memory is counted once`() async throws {
        /// A store behind a tier in memory, which keeps nothing.
        final class Tiered: TieredCacheStore {
            let memoryTier = MemoryStore(byteLimit: 1 << 20, timeSource: ManualTimeSource())
            let shared = MemoryStore(byteLimit: 1 << 20, timeSource: ManualTimeSource())
            func entry(for key: CacheKey) async throws -> CacheEntry? { shared.entry(for: key) }
            func lookUpBehindMemory(_ key: CacheKey) async throws -> StoreLookup {
                StoreLookup(entry: shared.entry(for: key))
            }
            func purgeMark() async throws -> PurgeMark { shared.purgeMark() }
            func store(
                _ entry: CacheEntry, for key: CacheKey, unlessPurgedSince mark: PurgeMark?
            ) async throws -> Bool {
                shared.store(entry, for: key, unlessPurgedSince: mark)
            }
            func purge(_ selection: PurgeSelection, mode: PurgeMode) async throws -> Int? {
                await shared.purge(selection, mode: mode)
            }
        }
        let observed = Observed(store: Tiered())
        for _ in 0..<3 { _ = try await observed.handler(.testing()) }
        #expect(observed.count("requests_total", ("outcome", "hit")) == 2)
        let timer = try observed.metrics.expectTimer(
            "response_cache_step_seconds", [("cache", "ResponseCache"), ("step", "lookup")])
        #expect(timer.values.count == 3)
    }

    @Test func `Steps are spans, and handler spans nest in them`() async throws {
        let observed = Observed(traces: true)
        _ = try await observed.handler(.testing())
        #expect(
            observed.tracer.finishedSpans.map(\.operationName)
                == ["cache key", "cache lookup", "cache handler", "cache store"])
        observed.tracer.clearFinishedSpans()
        _ = try await observed.handler(.testing())
        #expect(observed.tracer.finishedSpans.map(\.operationName) == ["cache key", "cache lookup"])
        #expect(observed.tracer.activeSpans.isEmpty)
    }

    @Test func `Each request logs one line with the decision and reason`() async throws {
        let observed = Observed()
        let key = try await KeyConstructor.safeDefault.key(for: .testing())
        for target in ["/", "/", "/private"] { _ = try await observed.handler(.testing(.get, target)) }
        let other = try await KeyConstructor.safeDefault.key(for: .testing(.get, "/private"))
        #expect(
            observed.lines.all == [
                "debug cache decision cache=ResponseCache key=\(key) outcome=miss stored=true",
                "debug cache decision cache=ResponseCache key=\(key) outcome=hit stored=false",
                "debug cache decision cache=ResponseCache key=\(other) outcome=miss reason=private stored=false",
            ])
    }

    @Test func `Above debug level only failures are logged`() async throws {
        let observed = Observed(store: FailingStore(), level: .info)
        _ = try await observed.handler(.testing())
        #expect(observed.lines.all.count == 2)
        #expect(observed.lines.all.allSatisfy { $0.hasPrefix("warning cache store failed") })
    }

    @Test func `Warnings that clients cause are limited to one per second`() async throws {
        // The next one has the number of those left out.
        let lines = Lines()
        let clock = ManualClock()
        let handler = ObservabilityTests.Handler(lines: lines, logLevel: .info)
        let runtime = CacheRuntime.testing(clock: clock, logger: Logger(label: "test", factory: { _ in handler }))
        let cached = Pipeline {
            CacheResponseMiddleware(
                key: .computed { _ in
                    throw FailingStore.Failure()
                }, in: MemoryStore(byteLimit: 1 << 20), runtime: runtime)
        }.wrap { _ in .testing("a") }
        for _ in 0..<1000 { _ = try await cached(.testing()) }
        #expect(lines.all.count == 1)
        clock.advance(by: .seconds(1))
        _ = try await cached(.testing())
        #expect(lines.all.count == 2)
        #expect(lines.all.last?.contains("omitted=999") == true)
    }

    @Test func `A tag with an unknown path parameter warns once`() async throws {
        let lines = Lines()
        let handler = ObservabilityTests.Handler(lines: lines, logLevel: .info)
        let runtime = CacheRuntime.testing(logger: Logger(label: "test", factory: { _ in handler }))
        let cached = Pipeline {
            CacheResponseMiddleware(in: MemoryStore(byteLimit: 1 << 20), runtime: runtime) {
                $0.tags = ["city:{idd}"]
                $0.purgesTags = ["city:{idd}"]
            }
        }.wrap { _ in .testing("a") }
        for target in ["/a", "/b"] { _ = try await cached(.testing(.get, target)) }
        _ = try await cached(.testing(.put))
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.contains("tag=city:{idd}") == true)
    }
}
