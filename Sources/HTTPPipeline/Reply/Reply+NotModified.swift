import HTTPTypes

extension Reply {
    /// The 304 in place of a response, with those of its fields that RFC 9110 section 15.4.5 names: Last-Modified only where
    /// there is no tag that says the same better.
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
        reply.represented = RepresentedAnswer(self)
        return reply
    }
}
