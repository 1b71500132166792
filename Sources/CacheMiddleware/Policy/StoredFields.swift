import HTTPPipeline
import HTTPTypes

extension HTTPFields {
    /// Returns the fields to store: all except hop-by-hop fields (RFC 9111 section 3.1), fields that the server writes for each
    /// response, and fields that the settings exclude.
    ///
    /// - Parameters:
    ///   - withoutCookies: Whether to exclude Set-Cookie.
    ///   - unstored: Further fields to exclude.
    ///   - moment: The current time.
    /// - Returns: The fields.
    func stored(withoutCookies: Bool, without unstored: Set<HTTPField.Name>, at moment: Timestamp) -> HTTPFields {
        var excluded = hopByHopNames.union(Self.ofOneResponse).union(unstored)
        if withoutCookies { excluded.insert(.setCookie) }
        var fields = HTTPFields(filter { !excluded.contains($0.name) })
        if let lifetime = lifetimeOfExpires(at: moment) {
            let directives = fields[.cacheControl].map { $0.isEmpty ? "" : $0 + ", " } ?? ""
            fields[.cacheControl] = directives + "max-age=\(lifetime)"
        }
        return fields
    }

    /// Returns the lifetime in seconds that Expires defines for a response without max-age and s-maxage.
    ///
    /// A hit is sent with its own Age and Date. A client computes the lifetime as Expires minus Date and subtracts Age from it,
    /// which would count the age twice. max-age takes precedence over Expires and does not depend on Date (RFC 9111 section 4.2.1).
    private func lifetimeOfExpires(at moment: Timestamp) -> Int64? {
        guard let expires = value(of: .expires).flatMap({ HTTPDate($0) }) else { return nil }
        let directives = CacheDirectives(self)
        guard !directives.contains("max-age"), !directives.contains("s-maxage") else { return nil }
        let date = value(of: .date).flatMap { HTTPDate($0) } ?? HTTPDate(moment)
        let lifetime = Int64(expires.secondsSinceEpoch - date.secondsSinceEpoch)
        return lifetime > 0 ? lifetime : nil
    }

    /// Fields that the server writes for each response, and Accept-Ranges: a stored response is always sent whole.
    private static let ofOneResponse: Set<HTTPField.Name> = [.contentLength, .date, .acceptRanges]
}
