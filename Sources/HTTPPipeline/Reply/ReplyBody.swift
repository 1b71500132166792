public import HTTPTypes
public import NIOCore

/// The body of a reply: empty, one buffer, or a stream.
public struct ReplyBody: Sendable {
    /// The forms of a body.
    public enum Content: Sendable {
        /// There is no body.
        case empty
        /// The whole body in one buffer.
        case buffer(ByteBuffer)
        /// A body that is produced while it is written.
        case stream(any StreamingBody)
    }

    /// The form of this body.
    public let content: Content

    /// The variants of a stored body; nil unless the body comes from a cache.
    public package(set) var variants: BodyVariants?

    /// Whether the header fields that came with the body have its Content-Length, or the status does not allow one, so that an adapter
    /// need not look for the field.
    ///
    /// A cache sets it. A middleware that replaces the body sets it back to false by doing so.
    public var hasLengthField = false

    /// Creates a body.
    public init(_ content: Content) {
        self.content = content
    }

    /// The empty body.
    public static var empty: ReplyBody { ReplyBody(.empty) }

    /// Creates a body from a buffer.
    public init(_ buffer: ByteBuffer) {
        self.content = .buffer(buffer)
    }

    /// Creates a body that a closure writes.
    ///
    /// - Parameters:
    ///   - contentLength: The size in bytes, if it is known in advance.
    ///   - produce: Writes the buffers in order, then calls ``BodyWriter/finish(_:)`` once.
    public init(
        contentLength: Int? = nil,
        produce: @escaping @Sendable (inout any BodyWriter) async throws -> Void
    ) {
        self.content = .stream(ClosureBody(contentLength: contentLength, produce: produce))
    }

    /// The size in bytes, or nil when it is unknown before the body is written.
    public var contentLength: Int? {
        switch content {
        case .empty: 0
        case .buffer(let buffer): buffer.readableBytes
        case .stream(let stream): stream.contentLength
        }
    }

    /// Writes the body. A stream can be written only once.
    ///
    /// - Throws: The errors of the writer and the stream.
    public func write(to writer: consuming any BodyWriter) async throws {
        switch content {
        case .empty:
            try await writer.finish(nil)
        case .buffer(let buffer):
            try await writer.write(buffer)
            try await writer.finish(nil)
        case .stream(let stream):
            try await stream.write(to: writer)
        }
    }
}

private struct ClosureBody: StreamingBody {
    let contentLength: Int?
    let produce: @Sendable (inout any BodyWriter) async throws -> Void

    func write(to writer: consuming any BodyWriter) async throws {
        try await produce(&writer)
    }
}

/// A body that is produced while it is written.
///
/// An adapter wraps the bodies of its framework in a conforming type. When such a body leaves the pipeline unchanged, the adapter
/// unwraps it, so that the pipeline costs nothing.
public protocol StreamingBody: Sendable {
    /// The size in bytes, or nil when it is unknown before the body is written.
    var contentLength: Int? { get }

    /// Writes the buffers in order, then calls ``BodyWriter/finish(_:)`` once.
    ///
    /// - Throws: The errors of the writer and of producing the body. The reply is then incomplete.
    func write(to writer: consuming any BodyWriter) async throws
}

/// A destination for the buffers of a body.
///
/// A write returns when the reader is ready for more, so a slow reader slows down the producer.
public protocol BodyWriter: Sendable {
    /// Writes a buffer.
    ///
    /// - Throws: The error of a closed or failed connection.
    mutating func write(_ buffer: ByteBuffer) async throws

    /// Ends the body.
    ///
    /// - Parameter trailers: The trailer fields (RFC 9110 section 6.5), or nil for none.
    /// - Throws: The error of a closed or failed connection.
    consuming func finish(_ trailers: HTTPFields?) async throws
}
