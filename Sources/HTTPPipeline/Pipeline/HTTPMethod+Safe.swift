package import HTTPTypes

extension HTTPRequest.Method {
    /// Whether the method is safe (RFC 9110 section 9.2.1; PROPFIND, REPORT and SEARCH: RFC 3253, 4918 and 5323; QUERY: its own
    /// specification).
    package var isSafe: Bool {
        switch self {
        case .get, .head, .options, .trace: true
        default: ["PROPFIND", "REPORT", "SEARCH", "QUERY"].contains(rawValue)
        }
    }
}
