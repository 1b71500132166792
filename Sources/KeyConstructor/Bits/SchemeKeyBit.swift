public import HTTPPipeline
import HTTPTypes

/// The scheme of the request, `http` or `https`.
///
/// The bit has no counterpart in drf-extensions. A service needs it if it redirects to https or writes absolute links into
/// its responses.
///
/// It is the scheme that the handler reads. Over HTTP/2 the client sends it. Over HTTP/1.1 the server supplies it, and
/// Hummingbird 2 supplies `http` for TLS connections too. A service behind a proxy that terminates TLS reads the scheme from
/// `X-Forwarded-Proto`, which ``HeadersKeyBit`` can select.
public struct SchemeKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The scheme.
    public var inputs: ExchangeInputs { .scheme }

    /// Writes the scheme, or null if it is unknown.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let scheme = exchange.request.scheme { writer.write(scheme) } else { writer.writeNull() }
    }
}
