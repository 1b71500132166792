public import NIOCore
import NIOPosix

/// A connection on which bytes are sent and read as they are.
public struct RawConnection {
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var pieces: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var unread = ByteBuffer()

    /// Connects, and closes when what there is to do is done, or after half a minute.
    ///
    /// - Parameters:
    ///   - address: Where to connect to.
    ///   - body: What there is to do.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and the error of a connection that fails.
    public static func open<Result: Sendable>(
        to address: SocketAddress, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let channel = connection.channel
        // Nobody waits for a server that hangs until the test is out of time.
        let limit = channel.eventLoop.scheduleTask(in: .seconds(30)) { channel.close(promise: nil) }
        defer { limit.cancel() }
        return try await connection.executeThenClose { pieces, writer in
            var connection = RawConnection(writer: writer, pieces: pieces.makeAsyncIterator())
            return try await body(&connection)
        }
    }

    /// Connects to a port on 127.0.0.1.
    ///
    /// - Parameters:
    ///   - port: The port.
    ///   - body: What there is to do.
    /// - Returns: What the body returns.
    /// - Throws: What the body throws, and the error of a connection that fails.
    public static func open<Result: Sendable>(
        to port: Int, _ body: (inout RawConnection) async throws -> Result
    ) async throws -> Result {
        try await open(to: SocketAddress(ipAddress: "127.0.0.1", port: port), body)
    }

    /// Sends a text.
    ///
    /// - Parameter text: The text.
    /// - Throws: The error of a connection that is closed.
    public func send(_ text: String) async throws {
        try await writer.write(ByteBuffer(string: text))
    }

    /// Reads bytes, less of them only when the connection ends before.
    ///
    /// - Parameter count: How many.
    /// - Returns: The bytes, as a text.
    public mutating func receive(_ count: Int) async -> String {
        while unread.readableBytes < count, let piece = await next() { unread.writeImmutableBuffer(piece) }
        return unread.readString(length: min(count, unread.readableBytes)) ?? ""
    }

    /// Reads until the connection ends.
    ///
    /// - Returns: The bytes, as a text.
    public mutating func rest() async -> String { await receive(.max) }

    /// The next piece; an error is an end like any other.
    private mutating func next() async -> ByteBuffer? {
        do { return try await pieces.next(isolation: #isolation) } catch { return nil }
    }
}
