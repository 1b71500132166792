import HTTPTypes

extension HTTPFields {
    /// The fields of an answer that are stored and replayed: all but those of one connection and those that the Connection
    /// field names (RFC 9111 section 3.1), those that the server writes for each answer anew, and those that the settings
    /// exclude.
    func stored(withoutCookies: Bool, without unstored: Set<HTTPField.Name>) -> HTTPFields {
        var excluded = Self.ofOneAnswer.union(unstored)
        if withoutCookies { excluded.insert(.setCookie) }
        if contains(.connection) {
            let names = self[values: .connection].joined(separator: ",").split { ", \t".contains($0) }
            for name in names.compactMap({ HTTPField.Name(String($0)) }) { excluded.insert(name) }
        }
        return HTTPFields(filter { !excluded.contains($0.name) })
    }

    private static let ofOneAnswer: Set<HTTPField.Name> = [
        .connection, .keepAlive, .proxyConnection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate,
        .proxyAuthenticationInfo, .proxyAuthorization, .contentLength, .date,
    ]
}

extension HTTPField.Name {
    private static func known(_ name: String) -> HTTPField.Name { HTTPField.Name(name)! }

    fileprivate static let keepAlive = known("Keep-Alive")
    fileprivate static let proxyConnection = known("Proxy-Connection")
    fileprivate static let proxyAuthenticationInfo = known("Proxy-Authentication-Info")
}
