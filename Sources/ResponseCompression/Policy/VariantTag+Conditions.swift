import ETag
import HTTPPipeline
import HTTPTypes

extension VariantTag {
    /// Returns the exchange with its conditions in the form that inner middleware compares: with the tags of
    /// uncompressed responses.
    ///
    /// If a client has a variant whose coding it does not accept in this request, a 304 must not confirm that variant:
    /// the client may be a cache that forwards the request of another client.
    func exchange(_ exchange: Exchange, comparedFor accepted: AcceptEncoding) -> Exchange {
        let fields = exchange.request.headerFields
        guard fields.contains(where: { $0.name == .ifNoneMatch || $0.name == .ifMatch || $0.name == .ifRange }) else {
            return exchange
        }
        var changed = exchange
        if let value = fields[.ifMatch], let added = addingOriginals(to: value) {
            changed.request.headerFields[.ifMatch] = added
        }
        if let value = fields[.ifNoneMatch] {
            if isRead(exchange), !accepted.accepts(.identity), !EntityTagCondition(value).isAny {
                let originals = originals(in: value)
                changed.request.headerFields[.ifNoneMatch] = originals.isEmpty ? nil : originals.joined(separator: ", ")
            } else if accepted.accepts(.gzip) || !isRead(exchange), let added = addingOriginals(to: value) {
                changed.request.headerFields[.ifNoneMatch] = added
            }
        }
        // A range of the compressed response must not be served from the uncompressed one, whose bytes differ.
        if let value = fields[.ifRange], let tag = EntityTag(field: value), isVariant(tag) {
            changed.request.headerFields[.range] = nil
            changed.request.headerFields[.ifRange] = nil
        }
        return changed
    }

    /// Sets the tag of a 304 to that of the variant that the client has: the variant that the client would be sent now,
    /// unless its condition names only the other one.
    ///
    /// - Parameters:
    ///   - reply: The 304.
    ///   - request: The client's request.
    ///   - isCompressed: Whether the response that the 304 represents would be compressed.
    func restore(in reply: inout Reply, for request: HTTPRequest, isCompressed: Bool) {
        guard let tag = reply.headerFields[.eTag].flatMap({ EntityTag(field: $0) }) else { return }
        let variant = variant(of: tag)
        var isVariant = isCompressed
        if let condition = request.headerFields[.ifNoneMatch].map({ EntityTagCondition($0) }), !condition.isAny {
            let (hasPlain, hasVariant) = (condition.matchesWeakly(tag), condition.matchesWeakly(variant))
            if hasPlain != hasVariant { isVariant = hasVariant }
        }
        if isVariant { reply.headerFields[.eTag] = variant.description }
    }

    private func isRead(_ exchange: Exchange) -> Bool {
        exchange.request.method == .get || exchange.request.method == .head
    }
}
