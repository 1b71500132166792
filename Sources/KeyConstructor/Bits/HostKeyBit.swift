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
        writer.write(Self.hasUpperCase(authority) ? authority.lowercased() : authority)
    }

    private static func hasUpperCase(_ text: String) -> Bool {
        let found = text.utf8.withContiguousStorageIfAvailable { bytes in
            var found = false
            // Without leaving early the bytes are looked at sixteen at a time.
            for byte in bytes { found = found || byte &- UInt8(ascii: "A") < 26 }
            return found
        }
        return found ?? (text != text.lowercased())
    }
}
