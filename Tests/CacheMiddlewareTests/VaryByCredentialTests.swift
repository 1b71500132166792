import CacheMiddleware
import ETag
import HTTPPipeline
import HTTPTypes
import KeyConstructor
import NIOCore
import PipelineTesting
import Testing

@Suite struct VaryByCredentialTests {
    @Test(arguments: ["X-Tenant", "X-API-Key", "Proxy-Authorization"])
    func `One user with two values of a field gets two responses`(name: String) async throws {
        let field = try #require(HTTPField.Name(name))
        let handler = Pipeline {
            CacheResponseMiddleware(.minutes(1), in: MemoryStore(byteLimit: 1 << 20)) {
                $0.credentialFields.insert(field)
            }
        }.wrap { .testing($0.request.headerFields[field] ?? "", fields: [.vary: name]) }
        for value in ["a", "b"] {
            var exchange = Exchange.testing(fields: [field: value])
            exchange.userID = "alice"
            #expect(try await handler(exchange).text() == value)
        }
    }

    /// Counts its evaluations.
    private struct CountingBit: KeyBit {
        let counter: HandlerCounter
        func write(_ exchange: Exchange, to writer: inout KeyWriter) { writer.write(counter.increment()) }
    }

    private struct Forwarding: Middleware {
        func handle(_ exchange: Exchange, next: Next) async throws -> Reply { try await next(exchange) }
    }

    @Test func `An inner pipeline without memoization evaluates each key`() async throws {
        let counter = HandlerCounter()
        let key: KeyConstructor = ["n": .custom(CountingBit(counter: counter))]
        let inner = Pipeline(memoizesByDefault: false) {
            ETagMiddleware(key: key)
            CacheResponseMiddleware(.minutes(1), key: key, in: MemoryStore(byteLimit: 1 << 20))
        }
        _ = try await inner.wrap { _ in .testing("") }(.testing())
        #expect(counter.count == 2)
        _ = try await Pipeline([Forwarding(), Forwarding()]).wrap(inner.wrap { _ in .testing("") })(.testing())
        #expect(counter.count == 4)
    }

    @Test func `Extreme limits and lifetimes are clamped`() async throws {
        _ = (CacheLifetime.hours(.max), CacheLifetime.minutes(.min))
        let moment = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
        #expect(moment + .milliseconds(9_223_372_036_900) == Timestamp(nanoseconds: .max))
        #expect(moment + .seconds(Int64.min) == Timestamp(nanoseconds: .min))
    }

    @Test func `A body above 4 GiB exceeds every limit`() async throws {
        // Its memory is not touched.
        var buffer = ByteBufferAllocator().buffer(capacity: 2_100_000_000)
        buffer.moveWriterIndex(to: 2_100_000_000)
        let handler = Pipeline { CollectBodyMiddleware(upTo: .max) }.wrap { _ in .testing("") }
        var exchange = Exchange.testing(.post)
        exchange.body = RequestBody(
            .stream(
                AsyncThrowingStream<ByteBuffer, any Error> { [buffer] continuation in
                    for _ in 0..<3 { continuation.yield(buffer) }
                    continuation.finish()
                }))
        #expect(try await handler(exchange).status == .contentTooLarge)
    }
}
