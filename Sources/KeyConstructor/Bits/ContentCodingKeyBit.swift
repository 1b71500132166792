public import HTTPPipeline
import HTTPTypes

/// The content coding of the response, `gzip` or `identity`, negotiated from Accept-Encoding.
///
/// Use it for a cache outside of a middleware that compresses: the cache then has one entry for each variant. A cache inside
/// of the compressing middleware does not need it.
public struct ContentCodingKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The header fields.
    public var inputs: ExchangeInputs { .headerFields }

    /// The field from which the coding is negotiated.
    public var separates: RequestSeparation { RequestSeparation(negotiatedFields: [.acceptEncoding]) }

    /// Writes the coding, `gzip only` for a client that refuses uncompressed responses, and null for a client that accepts
    /// neither.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let accepted = AcceptEncoding(exchange.request.headerFields)
        guard let coding = accepted.preferred else { return writer.writeNull() }
        writer.write(coding == .gzip && !accepted.accepts(.identity) ? "gzip only" : coding.name)
    }
}
