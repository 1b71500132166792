public import HTTPPipeline

/// The name of the handler: drf-extensions' `UniqueViewIdKeyBit`.
public struct UniqueViewIDKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The identity of the handler.
    public var inputs: ExchangeInputs { .route }

    /// Writes `Route.view`.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.route.view)
    }
}

/// The name of the handler and its method: drf-extensions' `UniqueMethodIdKeyBit`. HEAD has the key of GET.
public struct UniqueMethodIDKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The identity of the handler.
    public var inputs: ExchangeInputs { .route }

    /// Writes `Route.view` and `Route.method`, joined by a dot.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(view: exchange.route.view, method: exchange.route.method)
    }
}
