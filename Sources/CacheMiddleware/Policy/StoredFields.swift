import HTTPTypes

extension HTTPFields {
    /// The fields of an answer that are stored and replayed: all but those of one connection and those that the Connection
    /// field names (RFC 9111 section 3.1), Set-Cookie, and those that the server writes for each answer anew.
    var stored: HTTPFields {
        var excluded: Set<HTTPField.Name> = [
            .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate,
            .proxyAuthenticationInfo, .proxyAuthorization, .setCookie, .contentLength, .date,
        ]
        for name in self[values: .connection].joined(separator: ",").split(whereSeparator: { ", \t".contains($0) }) {
            if let name = HTTPField.Name(String(name)) { excluded.insert(name) }
        }
        return HTTPFields(filter { !excluded.contains($0.name) })
    }
}

extension HTTPField.Name {
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name)! }

    fileprivate static let keepAlive = known("Keep-Alive")
    fileprivate static let proxyConnection = known("Proxy-Connection")
    fileprivate static let proxyAuthenticationInfo = known("Proxy-Authentication-Info")
}
