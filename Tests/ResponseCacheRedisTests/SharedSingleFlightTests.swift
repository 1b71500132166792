import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import PipelineTesting
import ResponseCacheRedis
import TestSupport
import Testing

/// One run of the handler for all instances of a service.
@Suite(.enabled(if: RedisServer.isInstalled, RedisServer.skipReason), .serialized, .timeLimit(.minutes(5)))
struct SharedSingleFlightTests {
    @Test(arguments: FaultTests.Kind.allCases)
    func `Concurrent requests of two instances run one handler`(kind: FaultTests.Kind) async throws {
        try await RedisFixture.with { redis in
            let counter = HandlerCounter()
            let gate = Gate()
            var instances: [Handler] = []
            for _ in 0..<2 {
                let shared = redis.store(try redis.client()) { $0.prefix = "p:" }
                let store: any CacheStore =
                    switch kind {
                    case .shared: shared
                    case .tiered: try await redis.tiered(shared)
                    }
                var settings = CacheSettings.standard
                settings.singleFlight = SingleFlight(lockDuration: .seconds(60))
                settings.storeTimeout = .seconds(20)
                instances.append(
                    Pipeline {
                        CacheResponseMiddleware(.minutes(15), key: ["path": .path], in: store) { $0 = settings }
                    }.wrap { _ in
                        let run = counter.increment()
                        try await gate.pass()
                        return .testing("run \(run)")
                    })
            }
            let tasks = (0..<20).map { number in
                Task { [handler = instances[number % 2]] in try await handler(.testing(.get, "/cold")).text() }
            }
            await gate.waitForArrivals(1)
            // The other instance fails to acquire the lock and polls for the response.
            try await eventually { try await redis.server.command("KEYS", "p:lock:*").contains("p:lock:") }
            gate.open()
            for task in tasks { #expect(try await task.value == "run 1") }
            #expect(counter.count == 1)
            try await eventually { try await !redis.server.command("KEYS", "p:lock:*").contains("p:lock:") }
        }
    }
}
