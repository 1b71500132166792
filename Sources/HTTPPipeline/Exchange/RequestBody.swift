public import NIOCore

/// The body of a request: nothing, one buffer, or buffers as they arrive.
///
/// A stream can be read once. A middleware that reads it hands the exchange on with the collected buffer.
public struct RequestBody: Sendable {
    /// The buffers of a body as they arrive from the peer.
    public typealias Stream = any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// The ways a body can be present.
    public enum Content: Sendable {
        /// There is no body.
        case empty
        /// The whole body.
        case buffer(ByteBuffer)
        /// The body as it arrives.
        case stream(Stream)
    }

    private enum Source {
        case content(Content)
        /// The framework's own body, which is put into a stream when somebody wants to read it.
        case framework(any FrameworkCall)
    }

    private let source: Source

    /// What the body is made of.
    public var content: Content {
        switch source {
        case .content(let content): content
        case .framework(let call): call.content
        }
    }

    /// The call whose body it is, if it is a framework's that nobody has asked for yet.
    var call: (any FrameworkCall)? {
        if case .framework(let call) = source { call } else { nil }
    }

    /// The body, if it is one buffer already.
    package var buffer: ByteBuffer? {
        if case .content(.buffer(let buffer)) = source { buffer } else { nil }
    }

    /// A body with this content.
    public init(_ content: Content) {
        self.source = .content(content)
    }

    /// The body of a framework's request, which arrives while it is read.
    package init(of call: any FrameworkCall) {
        self.source = .framework(call)
    }

    /// No body.
    public static var empty: RequestBody { RequestBody(.empty) }

    /// A body that is already whole.
    public init(_ buffer: ByteBuffer) {
        self.source = .content(.buffer(buffer))
    }

    /// Reads the whole body.
    ///
    /// - Parameter limit: The largest size to accept, in bytes.
    /// - Returns: The body; a body that arrived as one buffer is not copied.
    /// - Throws: ``BodyTooLarge`` when the body has more than `limit` bytes, or what the stream throws.
    public func collect(upTo limit: Int) async throws -> ByteBuffer {
        switch content {
        case .empty:
            return ByteBuffer()
        case .buffer(let buffer):
            guard buffer.readableBytes <= limit else { throw BodyTooLarge(limit: limit) }
            return buffer
        case .stream(let stream):
            var collected = ByteBuffer()
            for try await buffer in stream {
                guard buffer.readableBytes <= limit - collected.readableBytes else { throw BodyTooLarge(limit: limit) }
                if collected.readableBytes == 0 {
                    collected = buffer
                } else {
                    collected.writeImmutableBuffer(buffer)
                }
            }
            return collected
        }
    }
}

/// A body had more bytes than the reader accepts.
public struct BodyTooLarge: Error, Hashable, CustomStringConvertible {
    /// The largest size that would have been accepted, in bytes.
    public let limit: Int

    /// Creates the error.
    public init(limit: Int) {
        self.limit = limit
    }

    /// What happened, for a log.
    public var description: String { "the body has more than \(limit) bytes" }
}
