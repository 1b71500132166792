public import HTTPPipeline

/// The pagination parameters of the request's query: drf-extensions' `PaginationKeyBit`.
///
/// The original reads the names from the view's paginator. Here they are the bit's own, or those that a route puts on
/// the exchange as ``PaginationParameterNames``, which then decide.
public struct PaginationKeyBit: KeyBit, Hashable {
    private let query: QueryParametersKeyBit
    private let decoding: QueryParametersKeyBit.Decoding

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - names: The names of the query's pagination parameters.
    ///   - decoding: Which ways of reading a query are told apart.
    public init(
        names: [String] = ["page", "page_size", "limit", "offset", "cursor"],
        decoding: QueryParametersKeyBit.Decoding = .any
    ) {
        query = QueryParametersKeyBit(.names(names), decoding: decoding)
        self.decoding = decoding
    }

    /// The inputs of the query, and ``PaginationParameterNames``.
    public var inputs: ExchangeInputs { query.inputs.union(.attributes) }

    /// Writes the object of the names and values that the query has.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let names = exchange[PaginationParameterNames.self] {
            QueryParametersKeyBit(.names(names), decoding: decoding).write(exchange, to: &writer)
        } else {
            query.write(exchange, to: &writer)
        }
    }
}

/// The names of a route's pagination parameters, for ``PaginationKeyBit``; the empty array says it has none.
public enum PaginationParameterNames: AttributeKey {
    /// Names of query parameters.
    public typealias Value = [String]
}
