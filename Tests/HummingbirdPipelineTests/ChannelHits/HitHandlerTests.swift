#if Hummingbird
import CacheMiddleware
import NIOCore
import NIOEmbedded
import Testing

@testable import HTTPPipeline
@testable import HummingbirdPipeline

@Suite struct HitHandlerTests {
    /// A hit that is never over.
    private final class Hit: ReusableHit {
        var isOver: Bool { false }
        func use() -> HitUse { .usable(age: 1) }
        func count(_ requests: Int) {}
    }

    private static let known = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
    private static let reply = "HTTP/1.1 200 OK\r\nAge: 1\r\nContent-Length: 2\r\n\r\nab"

    /// Returns a channel with the handler, which knows one request.
    private static func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel()
        let table = HitTable(ChannelHits(runtime: CacheRuntime()), on: channel.embeddedEventLoop)
        let request = ByteBuffer(string: known)
        let head = ByteBuffer(string: String(reply.dropLast(2)))
        let body = ByteBuffer(string: "ab")
        table.insert(
            try #require(
                ReusedResponse(
                    to: (request, request.withUnsafeReadableBytes { HeadHash.hash($0) }), written: [head, body],
                    recorded: .init(hit: Hit(), stamps: [], bodies: BodyVariants(of: body)), marksStatus: false)))
        try channel.pipeline.syncOperations.addHandler(HitHandler(table))
        try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private static func inbound(_ channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let buffer = try channel.readInbound(as: ByteBuffer.self) { text += String(buffer: buffer) }
        return text
    }

    private static func outbound(_ channel: EmbeddedChannel) throws -> String {
        var text = ""
        while let data = try channel.readOutbound(as: IOData.self) {
            if case .byteBuffer(let buffer) = data { text += String(buffer: buffer) }
        }
        return text
    }

    private static func write(_ text: String, to channel: EmbeddedChannel) throws {
        _ = try channel.writeInbound(ByteBuffer(string: text))
    }

    @Test func `A known request is answered, also in pieces and twice`() throws {
        let channel = try Self.channel()
        for split in 1..<Self.known.utf8.count {
            try Self.write(String(decoding: Self.known.utf8.prefix(split), as: UTF8.self), to: channel)
            #expect(try Self.outbound(channel) == "")
            try Self.write(String(decoding: Self.known.utf8.dropFirst(split), as: UTF8.self) + Self.known, to: channel)
            #expect(try Self.outbound(channel) == Self.reply + Self.reply)
        }
        #expect(try Self.inbound(channel) == "")
    }

    /// The end of a hit must not count as the end of a request whose body is missing: its timeout would not apply any more.
    @Test(arguments: [("", 1), ("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n", 0), ("GET /b HTTP/1.1\r\n\r\n", 0)])
    func `A hit is activity unless the framework has a request`(rest: String, expected: Int) throws {
        let channel = try Self.channel()
        var count = 0
        try channel.pipeline.syncOperations.handler(type: HitHandler.self).onActivity = { count += 1 }
        try Self.write(Self.known + rest, to: channel)
        #expect(try Self.outbound(channel) == Self.reply)
        #expect(count == expected)
    }

    @Test(arguments: [
        "GET /b HTTP/1.1\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: \(known.utf8.count)\r\n\r\n" + known,
    ])
    func `A request after another one is answered once its response has ended`(first: String) throws {
        let channel = try Self.channel()
        try Self.write(first, to: channel)
        #expect(try Self.inbound(channel) == first)
        try Self.write(Self.known, to: channel)
        // It keeps its place behind the response that is outstanding.
        #expect(try Self.inbound(channel) == Self.known)
        #expect(try Self.outbound(channel) == "")
        let handler = try channel.pipeline.syncOperations.handler(type: HitHandler.self)
        for _ in 0..<2 { handler.responseEnded() }
        try Self.write(Self.known, to: channel)
        #expect(try Self.outbound(channel) == Self.reply)
        #expect(try Self.inbound(channel) == "")
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "\r\n", "GET / HTTP/1.0\r\n\r\n", "POST / HTTP/1.1\nA: b\n\n",
    ])
    func `Irregular bytes hand the connection over`(bytes: String) throws {
        let channel = try Self.channel()
        try Self.write(bytes, to: channel)
        for _ in 0..<2 { try Self.write(Self.known, to: channel) }
        #expect(try Self.inbound(channel) == bytes + Self.known + Self.known)
        #expect(try Self.outbound(channel) == "")
    }

    @Test func `An incomplete head is passed on when the connection ends`() throws {
        for event in ["half close", "quiesce", "close"] {
            let channel = try Self.channel()
            try Self.write("GET /a HTT", to: channel)
            #expect(try Self.inbound(channel) == "")
            switch event {
            case "half close": channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            case "quiesce": channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            default: channel.pipeline.fireChannelInactive()
            }
            #expect(try Self.inbound(channel) == "GET /a HTT")
            try Self.write(Self.known, to: channel)
            #expect(try Self.inbound(channel) == Self.known)
        }
    }

    /// Keeps writes until they are released, as a client does that does not read, and notes events.
    private final class SlowClient: ChannelDuplexHandler {
        typealias InboundIn = Never
        typealias OutboundIn = IOData
        var kept: [EventLoopPromise<Void>] = []

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let promise { kept.append(promise) }
        }
    }

    private final class Shutdowns: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var count = 0

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is ChannelShouldQuiesceEvent { count += 1 }
        }
    }

    /// The framework closes the connection at a shutdown, which would discard what was not sent.
    @Test(arguments: [(request: known, expected: 0), ("GET /b HTTP/1.1\r\n\r\n", 1)])
    func `A shutdown is passed on after hits were sent`(request: String, expected: Int) throws {
        let channel = try Self.channel()
        let (client, shutdowns) = (SlowClient(), Shutdowns())
        try channel.pipeline.syncOperations.addHandler(client, position: .first)
        try channel.pipeline.syncOperations.addHandler(shutdowns)
        try Self.write(request, to: channel)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        #expect(shutdowns.count == expected)
        for promise in client.kept { promise.succeed() }
        #expect(shutdowns.count == 1)
        channel.embeddedEventLoop.advanceTime(by: HitHandler.shutdownLimit)
        #expect(shutdowns.count == 1)
    }

    @Test func `A client that does not read delays a shutdown for a limited time`() throws {
        let channel = try Self.channel()
        let (client, shutdowns) = (SlowClient(), Shutdowns())
        try channel.pipeline.syncOperations.addHandler(client, position: .first)
        try channel.pipeline.syncOperations.addHandler(shutdowns)
        try Self.write(Self.known, to: channel)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.advanceTime(by: HitHandler.shutdownLimit - .nanoseconds(1))
        #expect(shutdowns.count == 0)
        channel.embeddedEventLoop.advanceTime(by: .nanoseconds(1))
        #expect(shutdowns.count == 1)
        for promise in client.kept { promise.succeed() }
        #expect(shutdowns.count == 1)
    }

    /// The parts of a response, in the order in which the framework writes them, and the number that is kept.
    @Test(arguments: [
        (["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\n", "a", "\r\n"], 0),
        (["HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", "a", "b", "c"], 2), (["HTTP/1.1 200 OK\r\n", "\r\n"], 0),
        (["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "", "ab"], 2),
    ])
    func `A stream is not kept while it is sent`(parts: [String], kept: Int) throws {
        let channel = try Self.channel()
        let handler = try channel.pipeline.syncOperations.handler(type: HitHandler.self)
        var most = 0
        for _ in 0..<2 {
            try Self.write("GET /b HTTP/1.1\r\n\r\n", to: channel)
            for part in parts {
                try channel.writeOutbound(IOData.byteBuffer(ByteBuffer(string: part)))
                most = max(most, handler.recording?.written.count ?? 0)
            }
            handler.responseEnded()
        }
        #expect(most == kept)
        #expect(try Self.outbound(channel) == (parts + parts).joined())
    }

    @Test func `An incomplete head is passed on before what follows an error`() throws {
        let channel = try Self.channel()
        try Self.write("GET /a HTT", to: channel)
        try channel.pipeline.syncOperations.handler(type: HitHandler.self).stop()
        try Self.write("P/1.1", to: channel)
        #expect(try Self.inbound(channel) == "GET /a HTTP/1.1")
    }

    @Test func `A head above the limit is passed on`() throws {
        let channel = try Self.channel()
        let piece = "GET /a HTTP/1.1\r\nX: " + String(repeating: "x", count: 5000)
        try Self.write(piece, to: channel)
        #expect(try Self.inbound(channel) == "")
        try Self.write(piece, to: channel)
        #expect(try Self.inbound(channel) == piece + piece)
    }

    /// Every byte is either part of a request that was answered, or passed on in order.
    @Test func `Splits of arbitrary bytes lose and reorder nothing`() throws {
        let parts = [
            Self.known, Self.known, "GET /b HTTP/1.1\r\n\r\n", "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
            "\r\n", "x",
            "GET / HTTP/1.0\r\n\r\n", "GET /a HTTP/1.1\r\nHost: a\r", String(Self.known.dropLast(3)),
        ]
        for _ in 0..<2000 {
            let channel = try Self.channel()
            let handler = try channel.pipeline.syncOperations.handler(type: HitHandler.self)
            let sent = (0..<Int.random(in: 1...6)).map { _ in parts.randomElement()! }.joined()
            var rest = Array(sent.utf8)
            // Requests that were answered leave a mark in the place of their bytes.
            var found = ""
            while !rest.isEmpty {
                let count = Int.random(in: 1...min(rest.count, 60))
                try Self.write(String(decoding: rest.prefix(count), as: UTF8.self), to: channel)
                rest.removeFirst(count)
                let answers = try Self.outbound(channel).ranges(of: Self.reply).count
                let passed = try Self.inbound(channel)
                // Within one read, requests are answered before the first that is passed on.
                found += String(repeating: Self.known, count: answers) + passed
                // A head may contain the request line of another one as a value.
                if Bool.random(), passed.hasSuffix("\r\n\r\n"), !passed.contains("POST") {
                    for _ in 0..<passed.ranges(of: "\r\n\r\n").count { handler.responseEnded() }
                }
            }
            channel.pipeline.fireChannelInactive()
            found += try Self.inbound(channel)
            #expect(found == sent)
        }
    }
}
#endif
