public import HTTPPipeline
import HTTPTypes

/// The scheme of the request, `http` or `https`.
///
/// drf-extensions has no such bit. A service that redirects to https, or puts absolute links into its responses, needs it.
///
/// It is the scheme that the handler reads. Over HTTP/2 the client names it; over HTTP/1.1 the server supplies it, and Hummingbird 2
/// says `http` for connections with TLS too. A service behind a proxy that ends TLS knows the scheme from `X-Forwarded-Proto`, which
/// ``HeadersKeyBit`` takes.
public struct SchemeKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The scheme.
    public var inputs: ExchangeInputs { .scheme }

    /// Writes the scheme, null when it is not known.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let scheme = exchange.request.scheme { writer.write(scheme) } else { writer.writeNull() }
    }
}
