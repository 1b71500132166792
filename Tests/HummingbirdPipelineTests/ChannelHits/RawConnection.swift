#if Hummingbird
import NIOCore
import NIOPosix
import NIOSSL

/// A connection on which a test sends and receives bytes.
final class RawConnection: Sendable {
    private let channel: any Channel
    private let collector: NIOLoopBound<Collector>

    /// Collects the received bytes, and waits for an amount of them.
    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        var received = ByteBuffer()
        var isClosed = false
        var waiter: (isEnough: (@Sendable ([UInt8]) -> Bool)?, promise: EventLoopPromise<String>)?

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            received.writeBuffer(&buffer)
            check()
        }

        func channelInactive(context: ChannelHandlerContext) {
            isClosed = true
            check()
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case .inputClosed? = event as? ChannelEvent {
                isClosed = true
                check()
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func check() {
            guard let waiter else { return }
            guard isClosed || waiter.isEnough?(Array(received.readableBytesView)) ?? false else { return }
            self.waiter = nil
            waiter.promise.succeed(String(buffer: received))
            received.clear()
        }
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - port: The port of the server on this machine.
    ///   - tls: The context of TLS; nil connects without it.
    /// - Throws: The error of the connection.
    init(port: Int, tls: NIOSSLContext? = nil) async throws {
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: tls, serverHostname: "localhost")
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    try channel.pipeline.syncOperations.addHandler(Collector())
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        let channel = channel
        collector = try await channel.eventLoop.submit {
            NIOLoopBound(
                try channel.pipeline.syncOperations.handler(type: Collector.self), eventLoop: channel.eventLoop)
        }.get()
    }

    func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Stops or continues reading.
    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    /// Ends the requests, and returns everything that the server sends until it closes the connection.
    func finish() async throws -> String {
        try await channel.close(mode: .output).get()
        let rest = try await receive()
        try? await channel.close().get()
        return rest
    }

    /// Returns the received bytes when they are enough, or the server has closed the connection.
    func receive(until isEnough: (@Sendable ([UInt8]) -> Bool)? = nil) async throws -> String {
        let promise = channel.eventLoop.makePromise(of: String.self)
        let collector = collector
        channel.eventLoop.execute {
            collector.value.waiter = (isEnough, promise)
            collector.value.check()
        }
        return try await promise.futureResult.get()
    }

    /// Sends a request and returns its response, whose body has a Content-Length.
    func response(to request: String) async throws -> String {
        try await send(request)
        return try await receive { Self.isResponse($0, toHead: request.hasPrefix("HEAD")) }
    }

    /// Sends a request several times, and returns the responses without Date.
    @discardableResult
    func responses(to request: String, times: Int = 5) async throws -> [String] {
        var responses: [String] = []
        for _ in 0..<times { responses.append(Self.withoutDate(try await response(to: request))) }
        return responses
    }

    /// Returns responses without the fields Date.
    static func withoutDate(_ responses: String) -> String {
        responses.split(separator: "\r\n", omittingEmptySubsequences: false)
            .filter { !$0.lowercased().hasPrefix("date:") }.joined(separator: "\r\n")
    }

    func close() async throws { try? await channel.close().get() }

    private static func isResponse(_ bytes: [UInt8], toHead: Bool) -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        if toHead || text.hasPrefix("HTTP/1.1 304") { return true }
        let head = text.utf8[..<end.lowerBound].split(separator: UInt8(ascii: "\n"))
        let lengths = head.compactMap { line -> Int? in
            let line = String(Substring(line)).lowercased()
            guard line.hasPrefix("content-length:") else { return nil }
            return Int(line.dropFirst(15).filter(\.isNumber))
        }
        return text.utf8[end.upperBound...].count >= lengths.first ?? 0
    }
}
#endif
