import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

/// A handler behind a cache with its own settings, manual clocks, and a count of its runs.
struct EngineHarness {
    let counter = HandlerCounter()
    let time: ManualTimeSource
    let clock: ManualClock
    let background: BackgroundWork
    let store: any CacheStore
    /// The handler where it may run in the background.
    let handler: Handler
    /// The handler where it is borrowed for each call.
    let scoped: Handler

    init(
        lifetime: CacheLifetime = .seconds(60),
        key: KeyConstructor? = nil,
        store: (any CacheStore)? = nil,
        tags: CacheTags = .none,
        purgesTags: CacheTags = .none,
        time: ManualTimeSource = ManualTimeSource(),
        clock: ManualClock = ManualClock(),
        background: BackgroundWork = BackgroundWork(),
        random: Double = 0.5,
        settings: CacheSettings = .standard,
        _ respond: @escaping @Sendable (Int, Exchange) async throws -> Reply = { run, _ in .testing("run \(run)") }
    ) {
        self.time = time
        self.clock = clock
        self.background = background
        let store = store ?? MemoryStore(byteLimit: 16 << 20, timeSource: time)
        self.store = store
        let counter = counter
        let pipeline = Pipeline {
            CacheResponseMiddleware(
                lifetime, key: key, in: store,
                runtime: .testing(time, clock: clock, background: background, random: { random })
            ) {
                $0 = settings
                $0.tags = tags
                $0.purgesTags = purgesTags
            }
        }
        let run: Handler = { try await respond(counter.increment(), $0) }
        handler = pipeline.wrap(run)
        scoped = { exchange in
            try await pipeline.respond(to: exchange, scoped: { exchange in try await run(exchange) })
        }
    }

    func callAsFunction(_ exchange: Exchange = .testing()) async throws -> Reply { try await handler(exchange) }

    func text(_ exchange: Exchange = .testing()) async throws -> String { try await handler(exchange).text() }

    func status(_ exchange: Exchange = .testing()) async throws -> String? {
        CacheResponseMiddlewareTests.status(try await handler(exchange))
    }
}

extension CacheSettings {
    /// Changed standard settings.
    static func with(_ change: (inout CacheSettings) -> Void) -> CacheSettings {
        var settings = CacheSettings.standard
        change(&settings)
        return settings
    }
}
