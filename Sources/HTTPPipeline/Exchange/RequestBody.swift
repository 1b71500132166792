public import NIOCore

/// The body of a request: empty, one buffer, or a stream.
///
/// A stream can be read only once. A middleware that reads it passes on an exchange with the collected buffer.
public struct RequestBody: Sendable {
    /// The buffers of a body in the order of arrival.
    public typealias Stream = any AsyncSequence<ByteBuffer, any Error> & Sendable

    /// The forms of a body.
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
        /// The framework's own body, which becomes a stream when it is read.
        case framework(any FrameworkRequest)
    }

    private let source: Source

    /// The form of this body.
    public var content: Content {
        switch source {
        case .content(let content): content
        case .framework(let request): request.bodyContent
        }
    }

    /// The framework's request that the body belongs to; nil if a middleware has replaced the body.
    public var frameworkRequest: (any FrameworkRequest)? {
        if case .framework(let request) = source { request } else { nil }
    }

    /// The body, if it is one buffer.
    package var buffer: ByteBuffer? {
        if case .content(.buffer(let buffer)) = source { buffer } else { nil }
    }

    /// Creates a body.
    public init(_ content: Content) {
        self.source = .content(content)
    }

    /// Creates the body of a framework's request, which the request provides when the body is read.
    public init(of request: any FrameworkRequest) {
        self.source = .framework(request)
    }

    /// The empty body.
    public static var empty: RequestBody { RequestBody(.empty) }

    /// Creates a body from a buffer.
    public init(_ buffer: ByteBuffer) {
        self.source = .content(.buffer(buffer))
    }

    /// Collects the body.
    ///
    /// - Parameter limit: The maximum size in bytes.
    /// - Returns: The body. A body that arrived as one buffer is not copied.
    /// - Throws: ``BodyTooLarge`` when the body has more than `limit` bytes, and the errors of the stream.
    public func collect(upTo limit: Int) async throws -> ByteBuffer {
        // A buffer cannot hold more than 4 GiB.
        let limit = min(limit, 1 << 31)
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

/// The error of a body that exceeds a limit.
public struct BodyTooLarge: Error, Hashable, CustomStringConvertible {
    /// The limit in bytes.
    public let limit: Int

    /// Creates an error with the limit that was exceeded.
    public init(limit: Int) {
        self.limit = limit
    }

    /// A message for logs.
    public var description: String { "the body has more than \(limit) bytes" }
}
