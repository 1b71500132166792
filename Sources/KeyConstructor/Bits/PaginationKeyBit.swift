public import HTTPPipeline

/// The pagination parameters of the request's query: drf-extensions' `PaginationKeyBit`.
///
/// drf-extensions reads the names from the view's paginator. This bit has its own names, which a route can replace with
/// ``PaginationParameterNames``.
public struct PaginationKeyBit: KeyBit, Hashable {
    private let query: QueryParametersKeyBit
    private let decoding: QueryParametersKeyBit.Decoding

    /// Creates the bit.
    ///
    /// - Parameters:
    ///   - names: The names of the pagination parameters.
    ///   - decoding: The ways of decoding a query that the key distinguishes.
    public init(
        names: [String] = ["page", "page_size", "limit", "offset", "cursor"],
        decoding: QueryParametersKeyBit.Decoding = .any
    ) {
        query = QueryParametersKeyBit(.names(names), decoding: decoding)
        self.decoding = decoding
    }

    /// The inputs of the query, and ``PaginationParameterNames``.
    public var inputs: ExchangeInputs { query.inputs.union(.attributes) }

    /// Writes the object of the query's names and values.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        if let names = exchange[PaginationParameterNames.self] {
            QueryParametersKeyBit(.names(names), decoding: decoding).write(exchange, to: &writer)
        } else {
            query.write(exchange, to: &writer)
        }
    }
}

/// The names of a route's pagination parameters, for ``PaginationKeyBit``. An empty array disables pagination for the route.
public enum PaginationParameterNames: AttributeKey {
    /// Names of query parameters.
    public typealias Value = [String]
}
