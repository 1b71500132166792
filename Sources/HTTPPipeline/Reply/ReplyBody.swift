public import NIOCore

/// The body of a reply: nothing, one buffer, or a stream that writes itself.
public struct ReplyBody: Sendable {
    /// The ways a body can be present.
    public enum Content: Sendable {
        /// There is no body.
        case empty
        /// The whole body in one buffer; copies of it share its memory.
        case buffer(ByteBuffer)
        /// A body that is produced while it is written.
        case stream(any StreamingBody)
    }

    /// What the body is made of.
    public let content: Content

    /// Where other encodings of this body are kept, when it comes from a cache.
    package var variants: BodyVariants?

    /// A body with this content.
    public init(_ content: Content) {
        self.content = content
    }

    /// No body.
    public static var empty: ReplyBody { ReplyBody(.empty) }

    /// A body that is already whole.
    public init(_ buffer: ByteBuffer) {
        self.content = .buffer(buffer)
    }

    /// A body that `produce` writes.
    ///
    /// - Parameters:
    ///   - contentLength: The size in bytes, when it is known beforehand.
    ///   - produce: Writes the buffers in order, then calls ``BodyWriter/finish(_:)`` once.
    public init(
        contentLength: Int? = nil,
        produce: @escaping @Sendable (inout any BodyWriter) async throws -> Void
    ) {
        self.content = .stream(ClosureBody(contentLength: contentLength, produce: produce))
    }

    /// The size in bytes, or nil when it is not known before the body is written.
    public var contentLength: Int? {
        switch content {
        case .empty: 0
        case .buffer(let buffer): buffer.readableBytes
        case .stream(let stream): stream.contentLength
        }
    }

    /// Writes the body.
    ///
    /// A stream can be written once.
    ///
    /// - Throws: What the writer or the stream throws.
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
