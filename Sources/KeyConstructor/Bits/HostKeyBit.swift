public import HTTPPipeline
import HTTPTypes

/// The host the request was sent to, in lower case and with its port.
///
/// drf-extensions has no such bit; two sites served by one process need it.
public struct HostKeyBit: KeyBit, Hashable {
    /// Creates the bit.
    public init() {}

    /// Writes the authority of the request, the empty string when there is none.
    public func write(_ exchange: Exchange, to writer: inout KeyWriter) {
        let authority = exchange.request.authority ?? ""
        // Lower-casing allocates; almost every authority is in lower case already.
        let hasUpperCase = authority.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
        writer.write(hasUpperCase ? authority.lowercased() : authority)
    }
}
