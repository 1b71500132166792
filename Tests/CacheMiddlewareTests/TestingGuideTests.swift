import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import PipelineTesting
import Testing

/// The code of the PipelineTesting guide.
@Suite struct TestingGuideTests {
    @Test func `The store behaves as every store does`() async throws {
        try await CacheStoreSuite { time in DictionaryStore(timeSource: time) }.run()
    }

    @Test func `Concurrent requests share one run`() async throws {
        let (time, clock, gate) = (ManualTimeSource(), ManualClock(), Gate())
        let runs = HandlerCounter()
        let handler = Pipeline {
            CacheResponseMiddleware(.minutes(1), in: RecordingStore(), runtime: .testing(time, clock: clock))
        }.wrap { _ in
            runs.increment()
            try await gate.pass()
            return .testing("response")
        }
        async let first = handler(.testing(.get, "/books"))
        await gate.waitForArrivals(1)
        async let second = handler(.testing(.get, "/books"))
        gate.open()
        let texts = try await [first.text(), second.text()]
        #expect(texts == ["response", "response"])
        #expect(runs.count == 1)
    }
}
