public import HTTPPipeline
import NIOCore

/// The MD5 of the request's body, for requests whose body says what is asked: QUERY, and POST used so.
///
/// drf-extensions has no such bit; its keys do not read the body. The body has to be a whole buffer when the key is made:
/// `CollectBodyMiddleware` further out makes it one.
public struct BodyDigestKeyBit: AsyncKeyBit, Hashable {
    /// The body arrives as a stream, which a key must not use up.
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

    /// Bodies.
    public var separates: RequestSeparation { RequestSeparation(body: true) }

    /// Writes the digest in hexadecimal; the empty string without a body.
    ///
    /// - Throws: ``BodyNotCollected`` for a stream, and `BodyTooLarge` for a body above the limit. There is no key then, so
    ///   the answer is not cached.
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
