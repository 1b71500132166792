public import HTTPPipeline
import HTTPTypes

/// The content coding to answer in, `gzip` or `identity`, negotiated from Accept-Encoding.
///
/// It is for a cache in front of something that compresses: the cache then keeps each coding apart. Where the compression is
/// in front of the cache the key does not need it.
public struct ContentCodingKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The header fields.
    public var inputs: ExchangeInputs { .headerFields }

    /// The field a coding is negotiated from.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.acceptEncoding]) }

    /// Writes the coding, `gzip only` for a client that refuses answers without coding, and null for one that takes neither.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let accepted = AcceptEncoding(exchange.request.headerFields)
        switch accepted.preferred {
        case .gzip?: writer.write(accepted.accepts(.identity) ? "gzip" : "gzip only")
        case .identity?: writer.write("identity")
        case nil: writer.writeNull()
        }
    }
}
