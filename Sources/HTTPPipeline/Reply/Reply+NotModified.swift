import HTTPTypes

extension Reply {
    /// The 304 (Not Modified) form of this response, with the fields of RFC 9110 section 15.4.5. Last-Modified is included only if
    /// there is no entity tag.
    package var notModified: Reply {
        let hasTag = headerFields.contains(.eTag)
        let fields = headerFields.filter { field in
            switch field.name {
            case .cacheControl, .contentLocation, .date, .eTag, .expires, .vary: true
            case .lastModified: !hasTag
            default: false
            }
        }
        var reply = Reply(status: .notModified, headerFields: HTTPFields(fields))
        reply.represented = RepresentedResponse(self)
        return reply
    }
}
