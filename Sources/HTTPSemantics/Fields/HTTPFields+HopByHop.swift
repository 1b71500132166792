package import HTTPTypes

extension HTTPFields {
    /// The names of fields that concern one connection and are neither stored nor forwarded: those of RFC 9110 section 7.6.1, and
    /// those that the Connection field lists.
    package var hopByHopNames: Set<HTTPField.Name> {
        guard let connection = value(of: .connection) else { return Self.fixedHopByHopNames }
        // Members are tokens. Malformed lists are split at spaces and quotes too: excluding too many fields is safe.
        let names = connection.utf8.split { separatesConnectionOptions($0) }
        return Self.fixedHopByHopNames.union(names.compactMap { HTTPField.Name(String(Substring($0))) })
    }

    private func separatesConnectionOptions(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\""): true
        default: false
        }
    }

    private static let fixedHopByHopNames: Set<HTTPField.Name> = [
        .connection, .te, .trailer, .transferEncoding, .upgrade, .proxyAuthenticate, .proxyAuthorization,
        HTTPField.Name("Keep-Alive")!, HTTPField.Name("Proxy-Connection")!,
        HTTPField.Name("Proxy-Authentication-Info")!,
    ]
}
