import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct CacheWarmerTests {
    struct Failure: Error {}

    static func cached(_ handler: @escaping Handler) -> Handler {
        let time = ManualTimeSource()
        let store = MemoryStore(byteLimit: 1 << 20, timeSource: time)
        return Pipeline { CacheResponseMiddleware(.minutes(1), in: store, runtime: .testing(time)) }.wrap(handler)
    }

    static func exchange(_ target: String) -> Exchange {
        Exchange(request: HTTPRequest(method: .get, scheme: "http", authority: "example.test", path: target))
    }

    @Test func `A client's request is a hit after warming`() async throws {
        let counter = HandlerCounter()
        let handler = Self.cached { exchange in .testing("\(exchange.request.path ?? "") run \(counter.increment())") }
        let result = await CacheWarmer(authority: "example.test").warm(["/a", "/b?c"], through: handler)
        #expect(result.responses == [.ok: 2])
        _ = try await handler(Self.exchange("/a"))
        _ = try await handler(Self.exchange("/b?c"))
        #expect(counter.count == 2)
    }

    @Test func `A streamed response is read to its end and stored`() async throws {
        let counter = HandlerCounter()
        let handler = Self.cached { _ in
            counter.increment()
            return Reply(
                status: .ok,
                body: ReplyBody { writer in
                    for _ in 0..<3 { try await writer.write(ByteBuffer(string: "part ")) }
                    try await writer.finish(nil)
                })
        }
        _ = await CacheWarmer(authority: "example.test").warm(["/"], through: handler)
        #expect(try await handler(Self.exchange("/")).text() == "part part part ")
        #expect(counter.count == 1)
    }

    @Test func `Requests in progress are limited`() async {
        let running = Mutex((now: 0, most: 0))
        var warmer = CacheWarmer(authority: "example.test")
        warmer.concurrency = 3
        let result = await warmer.warm((0..<50).map { "/\($0)" }) { _ in
            running.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<10 { await Task.yield() }
            running.withLock { $0.now -= 1 }
            return .testing("")
        }
        #expect(result.responses == [.ok: 50])
        #expect(running.withLock { $0.most } <= 3)
    }

    @Test func `Failures are counted, and the first ones recorded`() async {
        let result = await CacheWarmer(authority: "example.test").warm((0..<300).map { "/\($0)" }) { exchange in
            if exchange.request.path?.hasSuffix("0") == true { return .testing("", status: .notFound) }
            throw Failure()
        }
        #expect(result.responses == [.notFound: 30])
        #expect(result.failureCount == 270)
        #expect(result.failures.count == CacheWarmer.Result.failureLimit)
        #expect(result.failures.allSatisfy { $0.error is Failure })
    }

    @Test func `A cancelled warmer starts no request`() async {
        let result = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await CacheWarmer(authority: "example.test").warm(["/"]) { _ in .testing("") }
        }.value
        #expect(result.responses.isEmpty)
    }
}
