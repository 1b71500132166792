public import HTTPPipeline
import HTTPTypes

/// The unchanged path of the request target, without the query.
///
/// The bit has no counterpart in drf-extensions, whose keys identify paths by the view and its arguments.
public struct PathKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The path.
    public var inputs: ExchangeInputs { .path }

    /// Requests for different paths have different keys.
    public var separates: RequestSeparation { .path }

    /// Writes the path. Percent-encodings are not decoded, because a handler reads them in this form.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let target = exchange.request.path ?? ""
        let path = target.targetPath
        // A target without a query is not copied.
        writer.write(path.endIndex == target.endIndex ? target : String(path))
    }
}

/// The unchanged target of the request: path and query.
///
/// Nothing is decoded or sorted, so two targets that any handler can distinguish have different keys.
/// ``QueryParametersKeyBit`` treats more requests as equal, and requires that the handler decodes the query in the same way.
public struct TargetKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The whole target.
    public var inputs: ExchangeInputs { .target }

    /// Requests for different paths have different keys.
    public var separates: RequestSeparation { .path }

    /// Writes the target.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.request.path ?? "")
    }
}
