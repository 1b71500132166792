#if Hummingbird
import ResponseCompression
import ETag
import HTTPPipeline
import HTTPTypes
import Hummingbird
import HummingbirdPipeline
import HummingbirdTesting
import NIOCore
import NIOPosix
import TestSupport
import Testing

/// Compressed responses as a client of a live server receives them.
@Suite(.timeLimit(.minutes(5))) struct CompressedStreamTests {
    @Test func `Each event reaches the client before the next is generated`() async throws {
        let (seen, sawEvent) = AsyncStream<Void>.makeStream()
        let app = HummingbirdPipelineTests.application(.handler, Pipeline { GzipMiddleware() }) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/event-stream"],
                body: .init { writer in
                    var client = seen.makeAsyncIterator()
                    for number in 1...3 {
                        try await writer.write(ByteBuffer(string: "data: \(number)\n\n"))
                        _ = await client.next()
                    }
                    try await writer.finish(nil)
                })
        }
        try await app.test(.live) { client in
            let request =
                "GET /item/1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept-Encoding: gzip\r\n\r\n"
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: client.port ?? 0) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                    }
                }
            try await channel.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: request))
                var received = ByteBuffer()
                var events = 0
                for try await buffer in inbound {
                    received.writeImmutableBuffer(buffer)
                    let text = inflated(Self.chunks(of: received)).text
                    while events < 3, text.contains("data: \(events + 1)\n\n") {
                        #expect(!text.contains("data: \(events + 2)"))
                        events += 1
                        sawEvent.yield()
                    }
                }
                #expect(events == 3)
                #expect(inflated(Self.chunks(of: received)).hasEnded)
            }
        }
    }

    @Test func `HEAD, GET and 304 agree over the wire`() async throws {
        let text = String(repeating: "all the same. ", count: 100)
        let stack = Pipeline {
            GzipMiddleware()
            ETagMiddleware()
        }
        let app = HummingbirdPipelineTests.application(.handler, stack) { _, _ in
            Response(status: .ok, headers: [.contentType: "text/plain"], body: .init(byteBuffer: .init(string: text)))
        }
        try await app.test(.live) { client in
            func send(_ method: HTTPRequest.Method, _ fields: HTTPFields) async throws -> TestResponse {
                try await client.executeRequest(uri: "/item/1", method: method, headers: fields, body: nil)
            }
            let get = try await send(.get, [.acceptEncoding: "gzip"])
            #expect(inflated([get.body]).text == text)
            #expect(get.headers[.contentLength] == String(get.body.readableBytes))
            let head = try await send(.head, [.acceptEncoding: "gzip"])
            for name in [HTTPField.Name.contentLength, .contentEncoding, .eTag, .vary, .contentType] {
                #expect(head.headers[name] == get.headers[name])
            }
            let tag = try #require(get.headers[.eTag])
            let current = try await send(.get, [.acceptEncoding: "gzip", .ifNoneMatch: tag])
            #expect(current.status == .notModified)
            #expect(current.headers[.eTag] == tag)
            #expect(current.headers[.contentLength] == nil)
        }
    }

    /// The chunks of a response received so far.
    private static func chunks(of response: ByteBuffer) -> [ByteBuffer] {
        var bytes = response.readableBytesView[...]
        func line() -> String? {
            guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            defer { bytes = bytes[(end + 1)...] }
            return String(decoding: bytes[..<end].dropLast(), as: UTF8.self)
        }
        while let field = line(), !field.isEmpty {}
        var chunks: [ByteBuffer] = []
        while let size = line().flatMap({ Int($0, radix: 16) }), size > 0, bytes.count >= size + 2 {
            chunks.append(ByteBuffer(bytes.prefix(size)))
            bytes = bytes.dropFirst(size + 2)
        }
        return chunks
    }
}
#endif
