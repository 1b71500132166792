public import HTTPPipeline
import HTTPTypes

/// The content coding to answer in, `gzip` or `identity`, negotiated from Accept-Encoding.
///
/// It is for a cache in front of something that compresses: the cache then keeps each coding apart. Where the compression is
/// in front of the cache the key does not need it.
public struct ContentCodingKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The field a coding is negotiated from.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.acceptEncoding]) }

    /// Writes the coding; null when the client takes neither.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let coding = AcceptEncoding(exchange.request.headerFields).preferred {
            writer.write(coding.rawValue)
        } else {
            writer.writeNull()
        }
    }
}
