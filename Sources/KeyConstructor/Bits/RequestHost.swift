import HTTPPipeline
import HTTPTypes

/// Where a request says which host it is for: its authority, and without one its Host fields.
///
/// HTTP/1.1 servers make the authority of the Host field. Over HTTP/2 a gateway may send Host in place of `:authority` (RFC 9113
/// section 8.3.1), and then it is a header field like others. Where a request has both, the authority counts (the same section).
/// There may be several Host fields only in an invalid request, whose handlers may read any of them.
enum RequestHost {
    /// The Host fields of a request without authority, in their order. O(number of fields).
    static func fields(of request: HTTPRequest) -> [String] {
        request.headerFields[values: hostName]
    }

    /// The host in lower case as a text, several Host fields one to a line; nil when the request names no host.
    static func text(of request: HTTPRequest) -> String? {
        if let authority = request.authority { return lowercased(authority) }
        let fields = fields(of: request)
        // A field's value has no line break.
        return fields.isEmpty ? nil : fields.map(lowercased).joined(separator: "\n")
    }

    /// The text with its ASCII letters in lower case. A host has no others, and to change them could make two texts one.
    static func lowercased(_ text: String) -> String {
        // Almost every host is in lower case already.
        guard hasUpperCase(text) else { return text }
        return String(decoding: text.utf8.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    static let hostName = HTTPField.Name("Host")!

    private static func hasUpperCase(_ text: String) -> Bool {
        let found = text.utf8.withContiguousStorageIfAvailable { bytes in
            var found = false
            // Without leaving early the bytes are looked at sixteen at a time.
            for byte in bytes { found = found || byte &- UInt8(ascii: "A") < 26 }
            return found
        }
        return found ?? text.utf8.contains { $0 &- UInt8(ascii: "A") < 26 }
    }
}
