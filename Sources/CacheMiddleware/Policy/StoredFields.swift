import HTTPPipeline
import HTTPTypes

extension HTTPFields {
    /// The fields of a response that are stored and replayed: all but those of one connection and those that the Connection
    /// field names (RFC 9111 section 3.1), those that the server writes for each response, and those that the settings exclude.
    ///
    /// - Parameters:
    ///   - withoutCookies: Whether Set-Cookie is left out.
    ///   - unstored: Further fields to leave out.
    ///   - moment: The present moment.
    /// - Returns: The fields.
    func stored(withoutCookies: Bool, without unstored: Set<HTTPField.Name>, at moment: Timestamp) -> HTTPFields {
        var excluded = Self.ofOneResponse.union(unstored)
        if withoutCookies { excluded.insert(.setCookie) }
        if contains(.connection) {
            let names = self[values: .connection].joined(separator: ",").utf8.split { byte in
                byte == UInt8(ascii: ",") || byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
            }
            for name in names.compactMap({ HTTPField.Name(String(Substring($0))) }) { excluded.insert(name) }
        }
        var fields = HTTPFields(filter { !excluded.contains($0.name) })
        if let lifetime = lifetimeOfExpires(at: moment) {
            let directives = fields[.cacheControl].map { $0.isEmpty ? "" : $0 + ", " } ?? ""
            fields[.cacheControl] = directives + "max-age=\(lifetime)"
        }
        return fields
    }

    /// The lifetime in seconds that Expires alone gives the response.
    ///
    /// A hit has an Age and a Date of its own. A client takes the time between that Date and Expires as the lifetime and subtracts the
    /// Age from it, which counts the age twice; max-age, which has precedence over Expires, does not depend on Date (RFC 9111
    /// section 4.2.1).
    private func lifetimeOfExpires(at moment: Timestamp) -> Int64? {
        guard let expires = value(of: .expires).flatMap({ HTTPDate($0) }) else { return nil }
        let control = CacheControl(self)
        guard !control.contains("max-age"), !control.contains("s-maxage") else { return nil }
        let date = value(of: .date).flatMap { HTTPDate($0) } ?? HTTPDate(moment)
        let lifetime = Int64(expires.secondsSinceEpoch - date.secondsSinceEpoch)
        return lifetime > 0 ? lifetime : nil
    }

    // Accept-Ranges: a stored response is always served whole.
    private static let ofOneResponse: Set<HTTPField.Name> = [
        .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate,
        .proxyAuthenticationInfo, .proxyAuthorization, .contentLength, .date, .acceptRanges,
    ]
}

extension HTTPField.Name {
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name)! }

    fileprivate static let keepAlive = known("Keep-Alive")
    fileprivate static let proxyConnection = known("Proxy-Connection")
    fileprivate static let proxyAuthenticationInfo = known("Proxy-Authentication-Info")
}
