import HTTPPipeline
import HTTPTypes

/// The distinction between requests that a browser sends for another site and all others.
///
/// A form or script of another site can make a browser send a POST with the user's cookies. Browsers mark such requests:
/// `Sec-Fetch-Site` (Fetch Metadata) on HTTPS and localhost, `Origin` (RFC 6454 section 7) everywhere. Scripts cannot change
/// either. Clients that are not browsers send neither.
enum RequestOrigin {
    /// Returns whether a request comes from another origin.
    static func isForeign(_ request: HTTPRequest) -> Bool {
        let sites = request.headerFields[values: HTTPField.Name("Sec-Fetch-Site")!]
        if !sites.isEmpty { return sites.contains { !$0.hasBytes(of: "same-origin") && !$0.hasBytes(of: "none") } }
        let origins = request.headerFields[values: .origin]
        guard !origins.isEmpty else { return false }
        guard let own = request.authority ?? request.headerFields[HTTPField.Name("Host")!] else { return true }
        // The scheme is not compared because it is unknown behind a proxy that terminates TLS. Only its default port counts.
        let (http, https) = (normalized(own.utf8[...], port: ":80"), normalized(own.utf8[...], port: ":443"))
        return !origins.allSatisfy { origin in
            let scheme = origin.utf8.prefix { $0 != UInt8(ascii: ":") }
            let rest = origin.utf8[scheme.endIndex...]
            guard rest.starts(with: "://".utf8) else { return false }
            let isHTTPS = scheme.equalsIgnoringCase("https")
            return normalized(rest.dropFirst(3), port: isHTTPS ? ":443" : ":80") == (isHTTPS ? https : http)
        }
    }

    /// Returns the bytes of an authority in lower case, without the port if it is the default.
    private static func normalized(_ authority: Substring.UTF8View, port: String) -> [UInt8] {
        let bytes = authority.map { $0 &- UInt8(ascii: "A") < 26 ? $0 | 0x20 : $0 }
        return bytes.suffix(port.utf8.count).elementsEqual(port.utf8) ? Array(bytes.dropLast(port.utf8.count)) : bytes
    }
}
