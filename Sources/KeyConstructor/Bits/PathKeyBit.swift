public import HTTPPipeline
import HTTPTypes

/// The path of the request's target as it was sent, without the query.
///
/// drf-extensions has no such bit: its keys tell paths apart by the view and its arguments, if at all.
public struct PathKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// Writes the path. Percent-encodings are left as they are: a handler sees them so.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let target = exchange.request.path ?? ""
        guard let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) else { return writer.write(target) }
        writer.write(String(target[..<mark]))
    }
}
