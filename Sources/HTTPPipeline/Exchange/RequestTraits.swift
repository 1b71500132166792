package import HTTPTypes

/// What a cache has to know of a request's header fields before it looks anything up, found in one pass.
package struct RequestTraits: Sendable, Hashable {
    /// Whether there is an Authorization field.
    package private(set) var hasAuthorization = false
    /// Whether there is a Cookie field.
    package private(set) var hasCookie = false
    /// Whether the fields announce a body (RFC 9112 section 6): a Transfer-Encoding, or a length other than 0.
    package private(set) var announcesBody = false

    /// Looks through the fields. O(number of fields): of almost all of them no more than the length of the name is looked at.
    package init(_ fields: HTTPFields) {
        var lengths = 0
        for index in fields.indices {
            let name = fields[index].name.canonicalName
            switch name.utf8.count {
            case 6: if name == "cookie" { hasCookie = true }
            case 13: if name == "authorization" { hasAuthorization = true }
            case 14: if name == "content-length" { lengths += 1 }
            case 17: if name == "transfer-encoding" { announcesBody = true }
            default: break
            }
        }
        if lengths > 0, fields.value(of: .contentLength) != "0" { announcesBody = true }
    }
}
