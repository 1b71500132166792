import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import Synchronization
import Testing

/// Two caches around one handler, with one key and one store.
@Suite(.timeLimit(.minutes(1))) struct NestedCacheTests {
    enum Nesting: CaseIterable {
        /// One middleware value in two places.
        case same
        /// Two caches of one store and key.
        case other
        /// Two that also take a lock in the store.
        case locking
    }

    struct Nested {
        let counter = HandlerCounter()
        let time = ManualTimeSource()
        let clock = ManualClock()
        let background = BackgroundWork()
        let store = RecordingStore()
        let handler: Handler

        init(_ nesting: Nesting, stale: StalePolicy = .none) {
            let (time, clock, store, background, counter) = (time, clock, store, background, counter)
            func cache() -> CacheResponseMiddleware {
                CacheResponseMiddleware(
                    .minutes(1), in: store, runtime: .testing(time, clock: clock, background: background)
                ) {
                    $0.stale = stale
                    if nesting == .locking { $0.singleFlight.lockDuration = .seconds(5) }
                }
            }
            let outer = cache()
            let inner = nesting == .same ? outer : cache()
            // Each pipeline makes an exchange of its own, as a framework's middleware and wrapped handler do.
            let innermost = Pipeline { inner }.wrap { _ in .testing("run \(counter.increment())") }
            handler = Pipeline { outer }.wrap { exchange in
                try await innermost(Exchange(request: exchange.request, route: exchange.route))
            }
        }
    }

    @Test(arguments: Nesting.allCases) func `Nested caches respond like one`(nesting: Nesting) async throws {
        let nested = Nested(nesting)
        let reply = try await nested.handler(.testing())
        #expect(try await reply.text() == "run 1")
        #expect(reply.headerFields[values: HTTPField.Name("Cache-Status")!] == ["ResponseCache; fwd=uri-miss; stored"])
        let hit = try await nested.handler(.testing())
        #expect(try await hit.text() == "run 1")
        #expect(hit.headerFields[values: HTTPField.Name("Cache-Status")!] == ["ResponseCache; hit"])
        let stored = nested.store.operations.filter { if case .write = $0 { true } else { false } }
        #expect(stored.count == 1)
        #expect(nested.clock.sleeperCount == 0)
    }

    @Test(arguments: Nesting.allCases) func `A refresh reaches the handler`(nesting: Nesting) async throws {
        let nested = Nested(nesting, stale: StalePolicy(whileRevalidating: .seconds(30)))
        _ = try await nested.handler(.testing())
        nested.time.advance(by: .seconds(61))
        #expect(try await nested.handler(.testing()).text() == "run 1")
        await nested.background.waitUntilIdle()
        #expect(try await nested.handler(.testing()).text() == "run 2")
    }

    @Test func `A task that outlives the handler can use the cache`() async throws {
        let nested = Nested(.same)
        let later = Mutex<Task<Reply, any Error>?>(nil)
        let gate = Gate()
        let inner = nested.handler
        let store = nested.store
        let handler = Pipeline { CacheResponseMiddleware(.minutes(1), in: store) }.wrap { exchange in
            later.withLock {
                $0 = Task {
                    try await gate.pass()
                    return try await inner(exchange)
                }
            }
            return .testing("outer")
        }
        _ = try await handler(.testing())
        gate.open()
        let reply = try await later.withLock { $0 }?.value
        #expect(try await reply?.text() == "outer", "the task finds what was stored")
    }
}
