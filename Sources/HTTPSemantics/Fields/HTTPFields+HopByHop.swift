package import HTTPTypes

extension HTTPFields {
    /// The names of fields that concern one connection and are neither stored nor forwarded: those of RFC 9110 section 7.6.1, and
    /// those that the Connection field lists.
    package var hopByHopNames: Set<HTTPField.Name> {
        guard contains(.connection) else { return Self.fixedHopByHopNames }
        return Self.fixedHopByHopNames.union(members(of: .connection).compactMap { HTTPField.Name(String($0)) })
    }

    private static let fixedHopByHopNames: Set<HTTPField.Name> = [
        .connection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate, .proxyAuthorization,
        HTTPField.Name("Keep-Alive")!, HTTPField.Name("Proxy-Connection")!,
        HTTPField.Name("Proxy-Authentication-Info")!,
    ]
}
