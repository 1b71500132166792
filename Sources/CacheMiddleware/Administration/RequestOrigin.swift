import HTTPPipeline
import HTTPTypes

/// Tells requests that a browser sends for another site from all others.
///
/// A form or script of another site can make a browser send a POST with the user's cookies. Browsers mark such requests:
/// `Sec-Fetch-Site` (Fetch Metadata) on HTTPS and localhost, `Origin` (RFC 6454 section 7) everywhere. Scripts cannot change either.
/// Clients that are not browsers send neither.
enum RequestOrigin {
    /// Whether a request comes from another origin.
    static func isForeign(_ request: HTTPRequest) -> Bool {
        let sites = request.headerFields[values: HTTPField.Name("Sec-Fetch-Site")!]
        if !sites.isEmpty { return sites.contains { $0 != "same-origin" && $0 != "none" } }
        let origins = request.headerFields[values: .origin]
        guard !origins.isEmpty else { return false }
        guard let own = request.authority ?? request.headerFields[HTTPField.Name("Host")!] else { return true }
        // The scheme is not compared: behind a proxy that ends TLS it is not known.
        return !origins.allSatisfy { origin in
            guard let separator = origin.firstRange(of: "://") else { return false }
            let port = origin[..<separator.lowerBound].lowercased() == "https" ? ":443" : ":80"
            func normalized(_ authority: some StringProtocol) -> String {
                let authority = authority.lowercased()
                return authority.hasSuffix(port) ? String(authority.dropLast(port.count)) : authority
            }
            return normalized(origin[separator.upperBound...]) == normalized(own)
        }
    }
}
