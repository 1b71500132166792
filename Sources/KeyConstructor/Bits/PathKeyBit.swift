public import HTTPPipeline
import HTTPTypes

/// The path of the request's target as it was sent, without the query.
///
/// drf-extensions has no such bit: its keys tell paths apart by the view and its arguments, if at all.
public struct PathKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The path.
    public var inputs: ExchangeInputs { .path }

    /// Paths.
    public var separates: RequestSeparation { .path }

    /// Writes the path. Percent-encodings are left as they are: a handler sees them so.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let target = exchange.request.path ?? ""
        let path = target.targetPath
        // Without a query nothing is copied.
        writer.write(path.endIndex == target.endIndex ? target : String(path))
    }
}

/// The whole target of the request as it was sent: path and query.
///
/// Nothing is decoded and nothing sorted, so whatever a handler makes of the target, two that it could tell apart have two
/// keys. ``QueryParametersKeyBit`` finds more requests equal, and asks of the handler to decode as it does.
public struct TargetKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// The whole target.
    public var inputs: ExchangeInputs { .target }

    /// Paths.
    public var separates: RequestSeparation { .path }

    /// Writes the target.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        writer.write(exchange.request.path ?? "")
    }
}
