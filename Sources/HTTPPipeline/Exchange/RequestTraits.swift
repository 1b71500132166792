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
            // The name itself is taken only where its length fits: to take it is to count a reference.
            switch fields[index].name.canonicalName.utf8.count {
            case 6: if fields[index].name.canonicalName == "cookie" { hasCookie = true }
            case 13: if fields[index].name.canonicalName == "authorization" { hasAuthorization = true }
            case 14: if fields[index].name.canonicalName == "content-length" { lengths += 1 }
            case 17: if fields[index].name.canonicalName == "transfer-encoding" { announcesBody = true }
            default: break
            }
        }
        if lengths > 0, fields.value(of: .contentLength) != "0" { announcesBody = true }
    }
}
