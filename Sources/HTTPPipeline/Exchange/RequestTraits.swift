package import HTTPTypes

/// Properties of a request's header fields that a cache needs before a look-up, determined in one pass.
package struct RequestTraits: Sendable, Hashable {
    /// The credential fields that are present.
    package private(set) var credentials: Credentials = []
    /// Whether the fields announce a body (RFC 9112 section 6): a Transfer-Encoding, or a length other than 0.
    package private(set) var announcesBody = false
    /// Whether there is an If-None-Match or If-Modified-Since field.
    package private(set) var isConditionalRead = false
    /// Whether there is a Cache-Control field.
    package private(set) var hasCacheControl = false

    /// Examines the fields. O(number of fields): for most fields only the length of the name is read.
    package init(_ fields: HTTPFields) {
        var lengths = 0
        for index in fields.indices {
            // Reading a name retains a reference, so only names of these lengths are read.
            switch fields[index].name.canonicalName.utf8.count {
            case 6: if fields[index].name.canonicalName == "cookie" { credentials.insert(.cookie) }
            case 9: if fields[index].name.canonicalName == "x-api-key" { credentials.insert(.apiKey) }
            case 13:
                let name = fields[index].name.canonicalName
                if name == "authorization" { credentials.insert(.authorization) }
                if name == "if-none-match" { isConditionalRead = true }
                if name == "cache-control" { hasCacheControl = true }
            case 14: if fields[index].name.canonicalName == "content-length" { lengths += 1 }
            case 17:
                let name = fields[index].name.canonicalName
                if name == "transfer-encoding" { announcesBody = true }
                if name == "if-modified-since" { isConditionalRead = true }
            case 19: if fields[index].name.canonicalName == "proxy-authorization" { credentials.insert(.proxy) }
            default: break
            }
        }
        if lengths > 0, fields.value(of: .contentLength)?.hasBytes(of: "0") != true { announcesBody = true }
    }
}

extension RequestTraits {
    /// Whether a field is one of ``Credentials``. For most names only the length is read.
    package static func isCredential(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName.utf8.count {
        case 6: name == .cookie
        case 9: name.canonicalName == "x-api-key"
        case 13: name == .authorization
        case 19: name == .proxyAuthorization
        default: false
        }
    }

    /// Fields that identify the client.
    package struct Credentials: OptionSet, Sendable, Hashable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let authorization = Credentials(rawValue: 1)
        package static let cookie = Credentials(rawValue: 2)
        package static let proxy = Credentials(rawValue: 4)
        package static let apiKey = Credentials(rawValue: 8)

        /// All credential fields that the initializer detects.
        package static let all: Credentials = [.authorization, .cookie, .proxy, .apiKey]

        private static let fieldNames: [(Credentials, HTTPField.Name)] = [
            (.authorization, .authorization), (.cookie, .cookie), (.proxy, .proxyAuthorization),
            (.apiKey, HTTPField.Name("X-API-Key")!),
        ]

        /// The names of the fields.
        package var names: [HTTPField.Name] { Self.fieldNames.filter { contains($0.0) }.map(\.1) }

        /// Splits names of fields into those that the initializer detects and others.
        package static func split(_ names: Set<HTTPField.Name>) -> (Credentials, others: [HTTPField.Name]) {
            let known = fieldNames.filter { names.contains($0.1) }
            let others = names.subtracting(known.map(\.1)).sorted { $0.canonicalName < $1.canonicalName }
            return (Credentials(known.map(\.0)), others)
        }
    }
}
