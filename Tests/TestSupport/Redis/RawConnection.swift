public import NIOCore
import NIOPosix
import Synchronization

/// A connection that sends and reads raw bytes.
public struct RawConnection {
    private let channel: any Channel
    private let received: ReceivedBytes

    /// Connects, runs `body`, and closes the connection, at the latest after half a minute.
    ///
    /// - Parameters:
    ///   - address: The address of the server.
    ///   - body: The work on the connection.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body` or of a failed connection.
    public static func open<Result: Sendable>(
        to address: SocketAddress, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let received = ReceivedBytes()
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(received) }
            }
            .connect(to: address).get()
        // A hanging server must not block the test until its time limit.
        let limit = channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
        defer {
            limit.cancel()
            channel.close(promise: nil)
        }
        var connection = RawConnection(channel: channel, received: received)
        return try await body(&connection)
    }

    /// Connects to a port on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - body: The work on the connection.
    /// - Returns: The result of `body`.
    /// - Throws: The error of `body` or of a failed connection.
    public static func open<Result: Sendable>(
        to port: Int, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        try await open(to: SocketAddress(ipAddress: "127.0.0.1", port: port), body)
    }

    /// Sends a text.
    ///
    /// - Parameter text: The text.
    /// - Throws: The error of a closed connection.
    public func send(_ text: String) async throws {
        try await channel.writeAndFlush(ByteBuffer(string: text)).get()
    }

    /// Reads a number of bytes, or fewer if the connection ends before.
    ///
    /// - Parameter count: The number of bytes.
    /// - Returns: The bytes as text.
    public func receive(_ count: Int) async -> String { await received.take(count) }

    /// Reads until the connection ends.
    ///
    /// - Returns: The bytes as text.
    public func rest() async -> String { await receive(.max) }
}

/// The received bytes that have not been read yet.
private final class ReceivedBytes: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private struct State {
        var unread = ByteBuffer()
        var hasEnded = false
        var reader: CheckedContinuation<Void, Never>?

        mutating func take(_ count: Int) -> String? {
            guard unread.readableBytes >= count || hasEnded else { return nil }
            return unread.readString(length: min(count, unread.readableBytes)) ?? ""
        }
    }

    private let state = Mutex(State())

    func take(_ count: Int) async -> String {
        while true {
            if let text = state.withLock({ $0.take(count) }) { return text }
            await withCheckedContinuation { reader in
                let isReady = state.withLock { state in
                    let isReady = state.unread.readableBytes >= count || state.hasEnded
                    if !isReady { state.reader = reader }
                    return isReady
                }
                if isReady { reader.resume() }
            }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let piece = unwrapInboundIn(data)
        change { $0.unread.writeImmutableBuffer(piece) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        change { $0.hasEnded = true }
        context.fireChannelInactive()
    }

    /// Treats an error like the end of the connection.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func change(_ body: (inout State) -> Void) {
        let reader = state.withLock { state in
            body(&state)
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume()
    }
}
