import CacheMiddleware
import HTTPPipeline
import HTTPTypes
import NIOCore
import PipelineTesting
import Synchronization
import Testing

@Suite struct StreamingResponseTests {
    struct Broken: Error {}

    /// Writes `size` bytes in chunks, and then ends or throws.
    static func body(size: Int, declared: Bool, trailers: HTTPFields? = nil, breaks: Bool = false) -> ReplyBody {
        ReplyBody(contentLength: declared ? size : nil) { writer in
            var left = size
            while left > 0 {
                let chunk = min(left, 65_536)
                try await writer.write(ByteBuffer(repeating: UInt8(truncatingIfNeeded: left), count: chunk))
                left -= chunk
            }
            if breaks { throw Broken() }
            try await writer.finish(trailers)
        }
    }

    static func cached(_ store: RecordingStore, _ body: @escaping @Sendable () -> ReplyBody)
        -> CacheResponseMiddlewareTests.Cached
    {
        CacheResponseMiddlewareTests.Cached(store: store) { _, _ in Reply(status: .ok, body: body()) }
    }

    @Test(arguments: [
        (1_000_000, true), (1_000_000, false), (1_000_001, true), (1_000_001, false), (0, false), (0, true),
    ])
    func `Only a streaming response within the limit is stored`(size: Int, declared: Bool) async throws {
        // A larger one is delivered whole.
        let store = RecordingStore()
        let cached = Self.cached(store) { Self.body(size: size, declared: declared) }
        let expected = try await Self.body(size: size, declared: declared).collect(upTo: size)
        let reply = try await cached(.testing())
        #expect(try await reply.body.collect(upTo: .max).buffer == expected.buffer)
        #expect(store.entries.count == (size <= 1_000_000 ? 1 : 0))
        let again = try await cached(.testing())
        #expect(try await again.body.collect(upTo: .max).buffer == expected.buffer)
        #expect(cached.counter.count == (size <= 1_000_000 ? 1 : 2))
    }

    @Test(arguments: [true, false])
    func `A body of the wrong length is not stored`(isStream: Bool) async throws {
        let store = RecordingStore()
        let cached = CacheResponseMiddlewareTests.Cached(store: store) { _, _ in
            let body =
                isStream ? Self.body(size: 400, declared: false) : ReplyBody(ByteBuffer(repeating: 1, count: 400))
            return Reply(status: .ok, headerFields: [.contentLength: "1000"], body: body)
        }
        #expect(try await cached(.testing()).body.collect(upTo: .max).buffer.readableBytes == 400)
        #expect(store.entries.isEmpty)
    }

    @Test func `Events are not buffered`() async throws {
        let store = RecordingStore()
        let cached = CacheResponseMiddlewareTests.Cached(store: store) { _, _ in
            Reply(
                status: .ok, headerFields: [.contentType: "text/event-stream; charset=utf-8"],
                body: Self.body(size: 400, declared: false))
        }
        let reply = try await cached(.testing())
        #expect(CacheResponseMiddlewareTests.status(reply) == "ResponseCache; fwd=uri-miss")
        _ = try await reply.body.collect(upTo: .max)
        #expect(store.entries.isEmpty)
    }

    @Test func `Chunks of unknown total size are sent at once`() async throws {
        final class Client: BodyWriter {
            let received = Mutex<[String]>([])
            func write(_ buffer: ByteBuffer) async throws { received.withLock { $0.append(String(buffer: buffer)) } }
            func finish(_ trailers: HTTPFields?) async throws { received.withLock { $0.append("end") } }
        }
        let client = Client()
        let store = RecordingStore()
        let seen = Mutex<[Int]>([])
        let cached = CacheResponseMiddlewareTests.Cached(store: store) { _, _ in
            Reply(
                status: .ok,
                body: ReplyBody { writer in
                    for event in ["a", "b"] {
                        try await writer.write(ByteBuffer(string: event))
                        seen.withLock { $0.append(client.received.withLock { $0.count }) }
                    }
                    try await writer.finish(nil)
                }
            )
        }
        let reply = try await cached(.testing())
        #expect(CacheResponseMiddlewareTests.status(reply) == "ResponseCache; fwd=uri-miss")
        try await reply.body.write(to: client)
        #expect(seen.withLock { $0 } == [1, 2])
        #expect(client.received.withLock { $0 } == ["a", "b", "end"])
        #expect(store.entries.count == 1)
    }

    @Test(arguments: [true, false])
    func `An interrupted response is not stored`(declared: Bool) async throws {
        let store = RecordingStore()
        let cached = Self.cached(store) { Self.body(size: 10, declared: declared, breaks: true) }
        await #expect(throws: Broken.self) { try await cached(.testing()).body.collect(upTo: 100) }
        #expect(store.entries.isEmpty)
    }

    @Test(arguments: [true, false])
    func `A response with trailers keeps them and is not stored`(declared: Bool) async throws {
        let store = RecordingStore()
        let cached = Self.cached(store) { Self.body(size: 10, declared: declared, trailers: [.from: "end"]) }
        let collected = try await cached(.testing()).body.collect(upTo: 100)
        #expect(collected.trailers == [.from: "end"])
        #expect(collected.buffer.readableBytes == 10)
        #expect(store.entries.isEmpty)
    }
}
