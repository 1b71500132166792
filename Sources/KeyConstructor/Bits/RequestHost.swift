import HTTPPipeline
import HTTPTypes

/// The host of a request: its authority, or the Host fields of a request without authority.
///
/// HTTP/1.1 servers convert the Host field to the authority. Over HTTP/2 a gateway can send Host in place of `:authority`
/// (RFC 9113 section 8.3.1); it is then an ordinary header field. In a request with both, the authority has precedence (the
/// same section). Only an invalid request has several Host fields, of which a handler can read any.
enum RequestHost {
    /// Returns the Host fields of a request without authority, in order. O(number of fields).
    static func fields(of request: HTTPRequest) -> [String] {
        request.headerFields[values: hostName]
    }

    /// Returns the host in lower case, or nil if the request has none. Several Host fields are separated by line breaks.
    static func text(of request: HTTPRequest) -> String? {
        if let authority = request.authority { return lowercased(authority) }
        let fields = fields(of: request)
        // The value of a field contains no line break.
        return fields.isEmpty ? nil : fields.map(lowercased).joined(separator: "\n")
    }

    /// Returns the text with its ASCII letters in lower case. Converting other letters could make two hosts equal.
    static func lowercased(_ text: String) -> String {
        // Almost every host is sent in lower case.
        guard hasUpperCase(text) else { return text }
        return String(decoding: text.utf8.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    static let hostName = HTTPField.Name("Host")!

    private static func hasUpperCase(_ text: String) -> Bool {
        let found = text.utf8.withContiguousStorageIfAvailable { bytes in
            var found = false
            // A loop without early exit is vectorized.
            for byte in bytes { found = found || byte &- UInt8(ascii: "A") < 26 }
            return found
        }
        return found ?? text.utf8.contains { $0 &- UInt8(ascii: "A") < 26 }
    }
}
