public import HTTPPipeline
import NIOCore

/// The MD5 of the request's body, for requests whose body contains the query: QUERY, and POST used for queries.
///
/// It has no counterpart in drf-extensions, whose keys do not read the body. The body must be a buffer when the key is
/// computed: an outer `CollectBodyMiddleware` collects it.
public struct BodyDigestKeyBit: AsyncKeyBit, Hashable {
    /// The body is a stream, which a key must not consume.
    public struct BodyNotCollected: Error, Hashable {
        /// Creates the error.
        public init() {}
    }

    /// The largest body to digest, in bytes.
    public let limit: Int

    /// Creates the bit.
    ///
    /// - Parameter limit: The largest body to digest, in bytes.
    public init(upTo limit: Int) {
        self.limit = limit
    }

    /// The body.
    public var inputs: ExchangeInputs { .body }

    /// Requests with different bodies have different keys.
    public var separates: RequestSeparation { RequestSeparation(body: true) }

    /// Writes the digest in hexadecimal, or the empty string without a body.
    ///
    /// - Throws: ``BodyNotCollected`` for a stream, and `BodyTooLarge` for a body above the limit. Without a key the
    ///   response is not cached.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) async throws {
        switch exchange.body.content {
        case .empty:
            writer.write("")
        case .buffer(let buffer):
            guard buffer.readableBytes <= limit else { throw BodyTooLarge(limit: limit) }
            writer.write(buffer.withUnsafeReadableBytes { MD5.digest(of: $0) }.description)
        case .stream:
            throw BodyNotCollected()
        }
    }
}
